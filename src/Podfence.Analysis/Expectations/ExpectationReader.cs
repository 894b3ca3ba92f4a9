using System.Text;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The content of expectation files, and its problems.</summary>
/// <param name="Items">The expectations in the order of the files; those with errors are left out.</param>
/// <param name="Diagnostics">The problems, in the order of files and lines.</param>
public sealed record Expectations(IReadOnlyList<Expectation> Items, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Whether anything was left out.</summary>
    public bool HasErrors => Diagnostics.Any(static fault => fault.IsError);
}

/// <summary>Reads expectation files: a list under <c>expect</c> in YAML or JSON. Unknown fields are errors.</summary>
public static class ExpectationReader
{
    private static readonly string[] s_file = ["expect"];
    private static readonly string[] s_item = ["from", "to", "protocol", "port", "verdict", "family", "why"];
    private static readonly string[] s_protocols = ["TCP", "UDP", "SCTP"];
    private static readonly string[] s_verdicts = ["allow", "deny"];
    private static readonly string[] s_families = ["ipv4", "ipv6"];

    /// <summary>Reads files, folders and standard input (<c>-</c>). Never throws for what they hold.</summary>
    public static Expectations Read(IEnumerable<string> paths, ManifestReaderOptions? options = null)
    {
        var items = new List<Expectation>();
        var faults = new List<Diagnostic>();
        ManifestFiles.ForEach(paths, options ?? new ManifestReaderOptions(), faults.Add, (name, content) =>
            ReadFile(name, content, items, faults)
        );
        return new(items, faults);
    }

    /// <summary>Reads text that is in memory.</summary>
    public static Expectations ReadText(string text, string file = ManifestReader.StandardInput)
    {
        var items = new List<Expectation>();
        var faults = new List<Diagnostic>();
        ReadFile(file, Encoding.UTF8.GetBytes(text), items, faults);
        return new(items, faults);
    }

    private static void ReadFile(
        string file,
        ReadOnlySpan<byte> content,
        List<Expectation> items,
        List<Diagnostic> faults
    )
    {
        var sink = new DiagnosticSink(Strictness.Strict, file);
        foreach (var document in ManifestReader.Parse(file, content, faults.Add))
        {
            foreach (var fault in document.SyntaxErrors)
            {
                sink.Error(fault.Line, null, fault.Message, fault.Remedy);
            }

            if (document.Root is not null and not TreeScalar { Kind: ScalarKind.Null })
            {
                ReadDocument(document.Root, items, sink);
            }
        }

        faults.AddRange(sink.Diagnostics.OrderBy(static fault => fault.Location.Line));
    }

    private static void ReadDocument(TreeNode root, List<Expectation> items, DiagnosticSink sink)
    {
        var field = new Field(root, FieldPath.Root, root.Line, sink);
        if (root is not TreeMap map)
        {
            sink.Error(
                root.Line,
                null,
                $"an expectation file must be a map with a list under expect, found {root.TypeName}"
            );
            return;
        }

        field.AllowOnly(s_file);
        if (map["expect"] is null)
        {
            field["expect"].Required("");
        }

        foreach (var item in field["expect"].Items())
        {
            var before = sink.ErrorCount;
            var expectation = ReadItem(item, sink);
            if (sink.ErrorCount == before && expectation is not null)
            {
                items.Add(expectation);
            }
        }
    }

    private static Expectation? ReadItem(Field item, DiagnosticSink sink)
    {
        if (!item.CheckMap())
        {
            return null;
        }

        item.AllowOnly(s_item);
        var from = ReadEnd(item["from"]);
        var to = ReadEnd(item["to"]);
        var protocol = Choose(item["protocol"], s_protocols, PolicyDefaults.Protocol);
        var port = ReadPort(item["port"]);
        var verdict = Choose(item["verdict"], s_verdicts, null);
        var family = Choose(item["family"], s_families, "");
        var why = item["why"].String();
        if (from is null || to is null)
        {
            return null;
        }

        var expectation = new Expectation
        {
            From = from,
            To = to,
            Protocol = PolicyBuilder.TryProtocol(protocol, out var parsed) ? parsed : Protocol.Tcp,
            Port = port,
            Verdict = verdict == "allow" ? ExpectedVerdict.Allow : ExpectedVerdict.Deny,
            Family = family switch
            {
                "ipv4" => IpFamily.IPv4,
                "ipv6" => IpFamily.IPv6,
                _ => null,
            },
            Why = why,
            Location = sink.At(item.Line),
        };
        CheckFamilies(item, expectation);
        return expectation;
    }

    private static EndPattern? ReadEnd(Field field)
    {
        if (!field.IsPresent)
        {
            field.Required("", "write NAMESPACE/POD, node:NAME or an address");
            return null;
        }

        EndPattern? pattern = null;
        if (field.String() is { } text && !EndPatternText.TryParse(text, out pattern, out var fault))
        {
            field.Invalid(text, "must be a pod, a node or an address", fault);
        }

        return pattern;
    }

    private static int ReadPort(Field field)
    {
        if (!field.IsPresent)
        {
            field.Required("", "write the target port");
            return 0;
        }

        if (field.Int32() is not { } port)
        {
            return 0;
        }

        if (!NameValidation.IsPortNumber(port))
        {
            field.Invalid(port, NameValidation.PortNumberMessage);
        }

        return port;
    }

    private static string? Choose(Field field, string[] choices, string? ifAbsent)
    {
        if (!field.IsPresent)
        {
            if (ifAbsent is null)
            {
                field.Required("", $"write {string.Join(" or ", choices)}");
            }

            return ifAbsent;
        }

        if (field.String() is { } text && !choices.Contains(text))
        {
            field.Unsupported(text, choices);
        }

        return field.String();
    }

    // An address has one family: with another one the line would match no flow, and always hold.
    private static void CheckFamilies(Field item, Expectation expectation)
    {
        var from = (expectation.From as AddressPattern)?.Address.Family;
        var to = (expectation.To as AddressPattern)?.Address.Family;
        if (from is not null && to is not null && from != to)
        {
            item.Error("from and to are addresses of different families", "write two addresses of one family");
        }
        else if (expectation.Family is { } family && (from ?? to ?? family) != family)
        {
            item["family"]
                .Error($"the address is not {(family == IpFamily.IPv4 ? "ipv4" : "ipv6")}", "leave family out");
        }
    }
}
