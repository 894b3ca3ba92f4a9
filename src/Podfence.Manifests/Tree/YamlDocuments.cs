using YamlDotNet.Core;

namespace Podfence.Manifests;

/// <summary>
/// Splits a stream into documents at its <c>---</c> lines, as kubectl does, before anything is parsed: malformed YAML
/// in one document then does not hide others.
/// </summary>
internal static class YamlDocuments
{
    private const string Remedy = "check quotes, brackets, colons and indentation there and in the lines above";

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
        catch (NestingException error)
        {
            const string ExtraLevels = "no API object is nested this deeply: look for extra brackets or dashes";
            documents.Add(new(null, [new(error.Line, error.Message, ExtraLevels)]));
        }
        catch (YamlException error)
        {
            documents.Add(new(null, [Explain(error, text, firstLine)]));
        }
        catch (Exception error)
            when (error
                    is InvalidOperationException
                        or ArgumentException
                        or IndexOutOfRangeException
                        or NullReferenceException
            )
        {
            // The parser has bugs on text that is far from YAML; a file must not end the program.
            documents.Add(new(null, [new(builder.Line, "not YAML: the text cannot be parsed from here on", Remedy)]));
        }

        return documents;
    }

    // A tab is the most common mistake, and the parser detects it late or reports the line before.
    private static SyntaxError Explain(YamlException error, string text, int firstLine)
    {
        var lines = text.TrimEnd().Split('\n');
        var line = Math.Clamp(new TextLines(text).Of(error.Start) - 1, 0, lines.Length - 1);
        var message = $"not YAML: {Clean(error.Message)}";
        var reach = message.Contains("tab", StringComparison.Ordinal)
            ? lines.Length - line
            : Math.Min(2, lines.Length - line);
        var tabbed = Array.FindIndex(lines, line, reach, static candidate => candidate.TrimStart(' ').StartsWith('\t'));
        return tabbed < 0
            ? new(line + firstLine, message, Remedy)
            : new(tabbed + firstLine, message, "indent with spaces, not tabs");
    }

    // Some of the parser's messages begin with a position, which the error has already.
    private static string Clean(string message)
    {
        var end = message.StartsWith("(Line", StringComparison.Ordinal)
            ? message.IndexOf("): ", StringComparison.Ordinal)
            : -1;
        return end < 0 ? message.ReplaceLineEndings(" ") : message[(end + 3)..].ReplaceLineEndings(" ");
    }

    private static IEnumerable<(string Text, int Line)> Split(string text)
    {
        var start = 0;
        var startLine = 1;
        var line = 1;
        for (var at = 0; at < text.Length; line++)
        {
            if (at > start && IsSeparator(text, at) && !IsPrologue(text.AsSpan(start, at - start)))
            {
                yield return (text[start..at], startLine);
                (start, startLine) = (at, line);
            }

            var end = text.IndexOf('\n', at);
            at = end < 0 ? text.Length : end + 1;
        }

        yield return (text[start..], startLine);
    }

    // Directives belong to the document whose --- follows them.
    private static bool IsPrologue(ReadOnlySpan<char> text)
    {
        var hasDirective = false;
        foreach (var line in text.EnumerateLines())
        {
            hasDirective |= line is ['%', ..];
            if (line is not ([] or ['%' or '#', ..]))
            {
                return false;
            }
        }

        return hasDirective;
    }

    private static bool IsSeparator(string text, int at) =>
        string.CompareOrdinal(text, at, "---", 0, 3) == 0 && (at + 3 == text.Length || char.IsWhiteSpace(text[at + 3]));
}
