using System.Text;
using System.Text.Unicode;

namespace Podfence.Manifests;

/// <summary>How files are found.</summary>
public sealed record ManifestReaderOptions
{
    /// <summary>Whether subfolders are read.</summary>
    /// <value>False.</value>
    public bool Recursive { get; init; }

    /// <summary>What <c>-</c> is read from.</summary>
    /// <value>The process's standard input.</value>
    public Func<Stream> StandardInput { get; init; } = Console.OpenStandardInput;
}

/// <summary>
/// Reads Kubernetes manifests: YAML and JSON, many documents, List kinds. It accepts what the API server would accept,
/// applies the server's defaults, and reports with the server's texts what the server would reject. It always reads to
/// the end: an invalid object does not hide others.
/// </summary>
public static class ManifestReader
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    private static readonly UTF8Encoding s_utf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <summary>
    /// Reads files, folders (their *.yaml, *.yml and *.json in order of name) and standard input (<c>-</c>). Never
    /// throws for their content.
    /// </summary>
    public static ObjectSet ReadPaths(IEnumerable<string> paths, ManifestReaderOptions? options = null)
    {
        options ??= new ManifestReaderOptions();
        var collector = new ManifestCollector();
        ManifestFiles.ForEach(paths, options, collector.AddDiagnostic, (name, content) =>
            collector.AddFile(name, Parse(name, content, collector.AddDiagnostic))
        );
        return collector.Finish();
    }

    /// <summary>Reads text that is in memory.</summary>
    /// <param name="text">YAML, or JSON if it begins with a brace.</param>
    /// <param name="file">Its name for messages; a name that ends in .json makes it JSON.</param>
    public static ObjectSet ReadText(string text, string file = StandardInput)
    {
        var collector = new ManifestCollector();
        collector.AddFile(file, Parse(file, Encoding.UTF8.GetBytes(text), collector.AddDiagnostic));
        return collector.Finish();
    }

    /// <summary>Reads files that are in memory, as one set: an object in two of them is defined twice.</summary>
    /// <param name="files">The name of each for messages, and its bytes.</param>
    public static ObjectSet ReadContents(IEnumerable<(string Name, byte[] Content)> files)
    {
        var collector = new ManifestCollector();
        foreach (var (name, content) in files)
        {
            collector.AddFile(name, Parse(name, content, collector.AddDiagnostic));
        }

        return collector.Finish();
    }

    /// <summary>
    /// Whether a file is read if its folder is named: manifests end in .yaml, .yml or .json, and hidden files are
    /// skipped.
    /// </summary>
    public static bool IsManifest(string path) => ManifestFiles.IsManifest(path);

    /// <summary>The documents of a file.</summary>
    internal static IEnumerable<TreeDocument> Parse(string file, ReadOnlySpan<byte> content, Action<Diagnostic> report)
    {
        if (content.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[3..];
        }

        if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return JsonDocuments.Read(content);
        }

        // Flow mappings begin with a brace too, so what is not JSON is parsed as YAML.
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
            report(
                new(DiagnosticSeverity.Error, new(file, line), null, null, "not UTF-8 text", "save the file as UTF-8")
            );
            return [];
        }
    }
}
