using System.Text;
using System.Text.Unicode;

namespace Podfence.Manifests;

/// <summary>How files are found.</summary>
public sealed record ManifestReaderOptions
{
    /// <summary>Whether folders inside folders are read.</summary>
    /// <value>False.</value>
    public bool Recursive { get; init; }

    /// <summary>Where <c>-</c> is read from.</summary>
    /// <value>The process's standard input.</value>
    public Func<Stream> StandardInput { get; init; } = Console.OpenStandardInput;
}

/// <summary>
/// Reads Kubernetes manifests: YAML and JSON, many documents, List kinds. It takes what the API server would take, fills in what the server would fill in,
/// and reports with the server's words what the server would refuse. It always reads to the end; one bad object hides no other.
/// </summary>
public static class ManifestReader
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads files, folders (their *.yaml, *.yml and *.json in order of name) and standard input (<c>-</c>). Never throws for what they hold.
    /// </summary>
    public static ObjectSet Read(IEnumerable<string> paths, ManifestReaderOptions? options = null)
    {
        options ??= new ManifestReaderOptions();
        var collector = new ManifestCollector();
        ManifestFiles.ForEach(paths, options, collector.AddFault, (name, content) => collector.AddFile(name, Parse(name, content, collector.AddFault)));
        return collector.Finish();
    }

    /// <summary>Reads text that is in memory.</summary>
    /// <param name="text">YAML, or JSON where it begins with a brace.</param>
    /// <param name="file">What to call it in messages; with the suffix .json it is JSON.</param>
    public static ObjectSet ReadText(string text, string file = StandardInput)
    {
        var collector = new ManifestCollector();
        collector.AddFile(file, Parse(file, Encoding.UTF8.GetBytes(text), collector.AddFault));
        return collector.Finish();
    }

    /// <summary>Reads files that are in memory, as one set: an object in two of them is defined twice.</summary>
    /// <param name="files">What to call each in messages, and its bytes.</param>
    public static ObjectSet ReadContents(IEnumerable<(string Name, byte[] Content)> files)
    {
        var collector = new ManifestCollector();
        foreach (var (name, content) in files)
        {
            collector.AddFile(name, Parse(name, content, collector.AddFault));
        }

        return collector.Finish();
    }

    /// <summary>Whether a file of this path is read where its folder is: manifests end in .yaml, .yml or .json, and hidden files are passed over.</summary>
    public static bool IsManifest(string path) => ManifestFiles.IsManifest(path);

    /// <summary>The documents of a file.</summary>
    internal static IEnumerable<TreeDocument> Parse(string file, ReadOnlySpan<byte> content, Action<Diagnostic> fault)
    {
        if (content.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[3..];
        }

        if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return JsonDocuments.Read(content);
        }

        // Flow mappings begin with a brace too, so what is no JSON is tried as YAML.
        if (content.TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
        {
            var json = JsonDocuments.Read(content);
            if (json.TrueForAll(static document => document.Root is not null))
            {
                return json;
            }
        }

        try
        {
            return YamlDocuments.Read(s_utf8.GetString(content));
        }
        catch (DecoderFallbackException)
        {
            Utf8.ToUtf16(content, new char[content.Length], out var readable, out _, replaceInvalidSequences: false);
            var line = content[..readable].Count((byte)'\n') + 1;
            fault(new(DiagnosticSeverity.Error, new(file, line), null, null, "not UTF-8 text", "save the file as UTF-8"));
            return [];
        }
    }
}
