using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Gathers the documents of many files into one <see cref="ObjectSet"/>.</summary>
internal sealed class ManifestCollector
{
    private readonly List<ClusterObject> _objects = [];
    private readonly List<Workload> _workloads = [];
    private readonly List<Diagnostic> _faults = [];
    private readonly Dictionary<ObjectReference, SourceLocation> _seen = [];
    private readonly Dictionary<ObjectReference, ObjectText> _texts = [];
    private readonly Dictionary<ObjectReference, string> _lintIgnores = [];
    private readonly SortedDictionary<string, int> _ignored = new(StringComparer.Ordinal);

    /// <summary>Takes in one file's documents.</summary>
    public void AddFile(string file, IEnumerable<TreeDocument> documents)
    {
        var sink = new DiagnosticSink(Strictness.Strict, file);
        foreach (var document in documents)
        {
            AddDocument(document, sink);
        }

        _faults.AddRange(sink.Faults);
    }

    /// <summary>Takes note of a file that cannot be read at all.</summary>
    public void AddFault(Diagnostic fault) => _faults.Add(fault);

    /// <summary>What has been gathered.</summary>
    public ObjectSet Finish()
    {
        _faults.AddRange(AddressClashes.Find(_objects));
        var files = _faults.Select(static fault => fault.Location.File ?? "").Distinct(StringComparer.Ordinal).Select(static (file, at) => (file, at))
            .ToDictionary(static pair => pair.file, static pair => pair.at, StringComparer.Ordinal);
        var faults = _faults.OrderBy(fault => files[fault.Location.File ?? ""]).ThenBy(static fault => fault.Location.Line).ToList();
        return new ObjectSet { ImpliedNamespaces = AddImpliedNamespaces(), Objects = _objects, Workloads = _workloads, Faults = faults, Ignored = _ignored, Texts = _texts, LintIgnores = _lintIgnores };
    }

    private void AddDocument(TreeDocument document, DiagnosticSink sink)
    {
        sink.Begin(null);
        if (document.Root is TreeMap named && Text(named, "kind") is { } kind)
        {
            sink.Begin(ObjectReader.Identify(named, kind));
        }

        foreach (var fault in document.Faults)
        {
            sink.Error(fault.Line, null, fault.Message, fault.Remedy);
        }

        // A document of comments is no document.
        if (document.Root is not null and not TreeScalar { Kind: ScalarKind.Null })
        {
            AddObject(document.Root, document.Root.Line, (null, null), sink, document.Faults.Count > 0);
        }
    }

    private void AddObject(TreeNode? node, int line, (string? ApiVersion, string? Kind) inherited, DiagnosticSink sink, bool isFaulty)
    {
        if (node is not TreeMap root)
        {
            sink.Begin(null);
            sink.Error(line, null, $"an object has to be a map with apiVersion and kind, found {node?.TypeName ?? "null"}");
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
            items.ForEach(item => AddObject(item.Node, item.Line, (itemKind is null ? null : apiVersion, itemKind), sink, isFaulty));
        }
        else if (ObjectKinds.IsUsed(apiVersion, kind))
        {
            AddUsed(root, kind, sink, isFaulty);
        }
        else if (WorkloadKinds.IsWorkload(apiVersion, kind))
        {
            AddWorkload(root, kind, sink, isFaulty);
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

    private void AddUsed(TreeMap root, string kind, DiagnosticSink sink, bool isFaulty)
    {
        var read = ObjectReader.Read(root, kind, sink);
        if (IsFirst(root, ObjectReader.Identify(root, kind), sink) && read is { } item && !isFaulty)
        {
            _objects.Add(item);
            if (item.Pod is null && item.Node is null)
            {
                _texts[item.Reference] = new(root);
                if (LintAnnotations.Read(root) is { } ignored)
                {
                    _lintIgnores[item.Reference] = ignored;
                }
            }
        }
    }

    private void AddWorkload(TreeMap root, string kind, DiagnosticSink sink, bool isFaulty)
    {
        var read = WorkloadReader.Read(root, kind, sink);
        if (IsFirst(root, Metadata.Identify(root, kind, isNamespaced: true), sink) && read is not null && !isFaulty)
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
            sink.Error(root.Line, field, $"defined twice: first at {_seen[identity]}", "rename or remove one; only the first counts");
            return false;
        }

        return true;
    }

    private void ReportUntyped(TreeMap root, string? apiVersion, string? kind, DiagnosticSink sink)
    {
        if (apiVersion is null && kind is null && root["expect"] is not null)
        {
            // Expectations may lie beside the manifests they are about.
            CountIgnored("expect");
            return;
        }

        sink.Begin(kind is null ? null : ObjectReader.Identify(root, kind));
        string[] wanted = apiVersion is null ? kind is null ? ["apiVersion", "kind"] : ["apiVersion"] : ["kind"];
        var missing = string.Join(", ", wanted.Select(static field => $"{field} not set"));
        var guess = root.Entries.Where(static entry => entry.Key is not ("apiVersion" or "kind"))
            .Select(entry => DidYouMean.Closest(entry.Key, wanted)).FirstOrDefault(static found => found is not null);
        var remedy = guess is null ? "every object begins with apiVersion and kind" : $"did you mean {guess}?";
        sink.Error(root.Line, null, missing, remedy);
    }

    private void CountIgnored(string kind) => _ignored[kind] = _ignored.GetValueOrDefault(kind) + 1;

    private List<string> AddImpliedNamespaces()
    {
        var defined = _objects.Where(static item => item.Namespace is not null).Select(static item => item.Namespace!.Name).ToHashSet(StringComparer.Ordinal);
        var implied = new List<string>();
        var mentioned = _objects.Select(static item => (Name: item.Pod?.Key.Namespace ?? item.Policy?.Key.Namespace, item.Location))
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

    private static string? Text(TreeMap map, string key) => map[key] is TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 } scalar ? scalar.Text : null;
}
