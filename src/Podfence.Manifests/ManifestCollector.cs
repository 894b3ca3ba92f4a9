using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Collects the documents of many files in one <see cref="ObjectSet"/>.</summary>
internal sealed class ManifestCollector
{
    private readonly List<ClusterObject> _objects = [];
    private readonly List<Workload> _workloads = [];
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly Dictionary<ObjectReference, SourceLocation> _seen = [];
    private readonly Dictionary<ObjectReference, ObjectSource> _sources = [];
    private readonly Dictionary<ObjectReference, string> _lintIgnores = [];
    private readonly SortedDictionary<string, int> _ignored = new(StringComparer.Ordinal);

    /// <summary>Adds the documents of one file.</summary>
    public void AddFile(string file, IEnumerable<TreeDocument> documents)
    {
        var sink = new DiagnosticSink(Strictness.Strict, file);
        foreach (var document in documents)
        {
            AddDocument(document, sink);
        }

        _diagnostics.AddRange(sink.Diagnostics);
    }

    /// <summary>Adds a problem of a file that cannot be read at all.</summary>
    public void AddDiagnostic(Diagnostic diagnostic) => _diagnostics.Add(diagnostic);

    /// <summary>What has been collected.</summary>
    public ObjectSet Finish()
    {
        _diagnostics.AddRange(AddressClashes.Find(_objects));
        var files = _diagnostics
            .Select(static found => found.Location.File ?? "")
            .Distinct(StringComparer.Ordinal)
            .Select(static (file, at) => (file, at))
            .ToDictionary(static pair => pair.file, static pair => pair.at, StringComparer.Ordinal);
        var diagnostics = _diagnostics
            .OrderBy(found => files[found.Location.File ?? ""])
            .ThenBy(static found => found.Location.Line)
            .ToList();
        return new ObjectSet
        {
            ImpliedNamespaces = AddImpliedNamespaces(),
            Objects = _objects,
            Workloads = _workloads,
            Diagnostics = diagnostics,
            IgnoredKinds = _ignored,
            ObjectSources = _sources,
            LintIgnores = _lintIgnores,
        };
    }

    private void AddDocument(TreeDocument document, DiagnosticSink sink)
    {
        sink.Begin(null);
        if (document.Root is TreeMap named && Text(named, "kind") is { } kind)
        {
            sink.Begin(ObjectReader.Identify(named, kind));
        }

        foreach (var error in document.SyntaxErrors)
        {
            sink.Error(error.Line, null, error.Message, error.Remedy);
        }

        // A document with comments only does not count.
        if (document.Root is not null and not TreeScalar { Kind: ScalarKind.Null })
        {
            AddObject(document.Root, document.Root.Line, (null, null), sink, document.SyntaxErrors.Count > 0);
        }
    }

    private void AddObject(
        TreeNode? node,
        int line,
        (string? ApiVersion, string? Kind) inherited,
        DiagnosticSink sink,
        bool hasSyntaxErrors
    )
    {
        if (node is not TreeMap root)
        {
            sink.Begin(null);
            sink.Error(
                line,
                null,
                $"an object must be a map with apiVersion and kind, found {node?.TypeName ?? "null"}"
            );
            return;
        }

        var apiVersion = Text(root, "apiVersion") ?? inherited.ApiVersion;
        var kind = Text(root, "kind") ?? inherited.Kind;
        if (apiVersion is null || kind is null)
        {
            ReportUntyped(root, apiVersion, kind, sink);
        }
        else if (ObjectKinds.IsList(apiVersion, kind, out var itemKind))
        {
            sink.Begin(null);
            var items = new Field(root, FieldPath.Root, root.Line, sink)["items"].Items();
            items.ForEach(item =>
                AddObject(item.Node, item.Line, (itemKind is null ? null : apiVersion, itemKind), sink, hasSyntaxErrors)
            );
        }
        else if (ObjectKinds.IsUsed(apiVersion, kind))
        {
            AddUsed(root, kind, sink, hasSyntaxErrors);
        }
        else if (WorkloadKinds.IsWorkload(apiVersion, kind))
        {
            AddWorkload(root, kind, sink, hasSyntaxErrors);
        }
        else if (ObjectKinds.RemedyForUnknown(apiVersion, kind) is { } remedy)
        {
            sink.Begin(ObjectReader.Identify(root, kind));
            var message = $"no matches for kind {GoText.Quote(kind)} in version {GoText.Quote(apiVersion)}";
            sink.Error(root.Line, FieldPath.Root.Child("kind"), message, remedy);
        }
        else
        {
            CountIgnored($"{apiVersion}/{kind}");
        }
    }

    private void AddUsed(TreeMap root, string kind, DiagnosticSink sink, bool hasSyntaxErrors)
    {
        var read = ObjectReader.Read(root, kind, sink);
        if (IsFirst(root, ObjectReader.Identify(root, kind), sink) && read is { } item && !hasSyntaxErrors)
        {
            _objects.Add(item);
            if (item.Pod is null && item.Node is null)
            {
                _sources[item.Reference] = new(root);
                if (LintAnnotations.Read(root) is { } ignored)
                {
                    _lintIgnores[item.Reference] = ignored;
                }
            }
        }
    }

    private void AddWorkload(TreeMap root, string kind, DiagnosticSink sink, bool hasSyntaxErrors)
    {
        var read = WorkloadReader.Read(root, kind, sink);
        if (
            IsFirst(root, Metadata.Identify(root, kind, isNamespaced: true), sink)
            && read is not null
            && !hasSyntaxErrors
        )
        {
            _workloads.Add(read);
        }
    }

    private bool IsFirst(TreeMap root, ObjectReference identity, DiagnosticSink sink)
    {
        if (identity.Name.Length == 0)
        {
            return false;
        }

        if (!_seen.TryAdd(identity, sink.At(root.Line)))
        {
            var field = FieldPath.Root.Child("metadata").Child("name");
            sink.Error(
                root.Line,
                field,
                $"defined twice: first at {_seen[identity]}",
                "rename or remove one; only the first counts"
            );
            return false;
        }

        return true;
    }

    private void ReportUntyped(TreeMap root, string? apiVersion, string? kind, DiagnosticSink sink)
    {
        if (apiVersion is null && kind is null && root["expect"] is not null)
        {
            // Expectations may be in the same folder as the manifests they test.
            CountIgnored("expect");
            return;
        }

        sink.Begin(kind is null ? null : ObjectReader.Identify(root, kind));
        string[] wanted = apiVersion is null
            ? kind is null
                ? ["apiVersion", "kind"]
                : ["apiVersion"]
            : ["kind"];
        var missing = string.Join(", ", wanted.Select(static field => $"{field} not set"));
        var guess = root
            .Entries.Where(static entry => entry.Key is not ("apiVersion" or "kind"))
            .Select(entry => DidYouMean.Closest(entry.Key, wanted))
            .FirstOrDefault(static found => found is not null);
        var remedy = guess is null ? "every object must have apiVersion and kind" : $"did you mean {guess}?";
        sink.Error(root.Line, null, missing, remedy);
    }

    private void CountIgnored(string kind) => _ignored[kind] = _ignored.GetValueOrDefault(kind) + 1;

    private List<string> AddImpliedNamespaces()
    {
        var defined = _objects
            .Where(static item => item.Namespace is not null)
            .Select(static item => item.Namespace!.Name)
            .ToHashSet(StringComparer.Ordinal);
        var implied = new List<string>();
        var mentioned = _objects
            .Select(static item => (Name: item.Pod?.Key.Namespace ?? item.Policy?.Key.Namespace, item.Location))
            .Concat(_workloads.Select(static workload => (Name: (string?)workload.Namespace, workload.Location)));
        foreach (var (name, location) in mentioned.ToArray())
        {
            if (name is not null && defined.Add(name))
            {
                implied.Add(name);
                _objects.Add(ClusterObject.Of(Namespace.Create(name) with { Location = location }));
            }
        }

        return implied;
    }

    private static string? Text(TreeMap map, string key) =>
        map[key] is TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 } scalar ? scalar.Text : null;
}
