using YamlDotNet.Core;

namespace Podfence.Model;

/// <summary>
/// Cuts a stream into documents at its <c>---</c> lines, as kubectl does, before anything is parsed: broken YAML in one document then hides no other.
/// </summary>
internal static class YamlDocuments
{
    /// <summary>Reads every document. Never throws for any text.</summary>
    public static IEnumerable<TreeDocument> Read(string text)
    {
        foreach (var (part, line) in Split(text))
        {
            foreach (var document in ReadPart(part, line))
            {
                yield return document;
            }
        }
    }

    private static List<TreeDocument> ReadPart(string text, int firstLine)
    {
        var documents = new List<TreeDocument>();
        var builder = new YamlTreeBuilder(text, firstLine - 1);
        try
        {
            while (builder.ReadDocument() is { } document)
            {
                documents.Add(document);
            }
        }
        catch (YamlException fault)
        {
            documents.Add(new(null, [new((int)fault.Start.Line + firstLine - 1, $"not YAML: {Clean(fault.Message)}", RemedyFor(text, (int)fault.Start.Line))]));
        }

        return documents;
    }

    private static string? RemedyFor(string text, int line)
    {
        var lines = text.Split('\n');
        return line >= 1 && line <= lines.Length && lines[line - 1].TrimStart(' ').StartsWith('\t') ? "indent with spaces, not tabs" : null;
    }

    // Some of the parser's messages carry a position of their own in front; ours is in the fault already.
    private static string Clean(string message)
    {
        var end = message.StartsWith("(Line", StringComparison.Ordinal) ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return end < 0 ? message.ReplaceLineEndings(" ") : message[(end + 3)..].ReplaceLineEndings(" ");
    }

    private static IEnumerable<(string Text, int Line)> Split(string text)
    {
        var start = 0;
        var startLine = 1;
        var line = 1;
        for (var at = 0; at < text.Length; line++)
        {
            if (at > start && IsSeparator(text, at))
            {
                yield return (text[start..at], startLine);
                (start, startLine) = (at, line);
            }

            var end = text.IndexOf('\n', at);
            at = end < 0 ? text.Length : end + 1;
        }

        yield return (text[start..], startLine);
    }

    private static bool IsSeparator(string text, int at) =>
        string.CompareOrdinal(text, at, "---", 0, 3) == 0 && (at + 3 == text.Length || char.IsWhiteSpace(text[at + 3]));
}
