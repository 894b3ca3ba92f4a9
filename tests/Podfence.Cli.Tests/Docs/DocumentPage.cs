namespace Podfence.Cli.Tests;

/// <summary>One command of a document.</summary>
/// <param name="Text">What the shell reads; several lines where they are continued or a here-document follows.</param>
/// <param name="Line">Its first line in the document, counted from 1.</param>
/// <param name="Block">The block that it is in.</param>
/// <param name="Output">The printed output, or null for a block that shows none.</param>
/// <param name="End">The line after the command, where its output begins.</param>
internal sealed record DocumentedCommand(
    string Text,
    int Line,
    DocumentBlock Block,
    IReadOnlyList<string>? Output,
    int End
)
{
    private const string ExitComment = "# exit code ";

    /// <summary>The exit code that the text announces in a comment; 0 without one.</summary>
    public int Exit =>
        Text.LastIndexOf(ExitComment, StringComparison.Ordinal) is var at and >= 0
            ? Text[at + ExitComment.Length] - '0'
            : 0;
}

/// <summary>A code block, by the words of its first line.</summary>
/// <param name="Language">
/// <c>sh</c> for commands alone, <c>console</c> for commands after <c>$ </c> and their output.
/// </param>
/// <param name="Mark">
/// Nothing: runs anywhere. <c>root</c>: runs as root. <c>cluster</c>: needs a cluster or a registry. <c>machine</c>:
/// changes the machine that it runs on, or takes minutes.
/// </param>
internal sealed record DocumentBlock(string Language, string Mark)
{
    /// <summary>Whether the tests run its commands; otherwise they only read them.</summary>
    public bool Runs => Mark is "" or "root";
}

/// <summary>The commands of a Markdown file.</summary>
internal static class DocumentPage
{
    private const string Fence = "```";

    /// <summary>
    /// Documents with commands, by their path from the repository's root. The translation has the same commands, which
    /// the architecture tests compare.
    /// </summary>
    public static IEnumerable<string> All =>
        Directory
            .EnumerateFiles(Path.Combine(CommandRun.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(CommandRun.Root, path))
            .Append("README.md")
            .Append("CONTRIBUTING.md")
            .Order(StringComparer.Ordinal)
            .Where(static page => Read(page).Count > 0);

    /// <summary>The commands of a page, in order.</summary>
    public static IReadOnlyList<DocumentedCommand> Read(string page)
    {
        var lines = File.ReadAllLines(Path.Combine(CommandRun.Root, page));
        var commands = new List<DocumentedCommand>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                continue;
            }

            var words = lines[i][Fence.Length..].Split(' ');
            var end = Array.FindIndex(lines, i + 1, static line => line == Fence);
            if (words[0] is "sh" or "console")
            {
                var block = new DocumentBlock(words[0], words.Length > 1 ? words[1] : "");
                commands.AddRange(
                    words[0] == "sh" ? Shell(lines, i + 1, end, block) : Console(lines, i + 1, end, block)
                );
            }

            i = end;
        }

        return commands;
    }

    private static IEnumerable<DocumentedCommand> Shell(string[] lines, int start, int end, DocumentBlock block)
    {
        for (var i = start; i < end; i++)
        {
            var first = i;
            i = LastLine(lines, i, end);
            var text = string.Join('\n', lines[first..(i + 1)]);
            if (text.Length > 0 && text[0] != '#')
            {
                yield return new(text, first + 1, block, null, i + 1);
            }
        }
    }

    private static IEnumerable<DocumentedCommand> Console(string[] lines, int start, int end, DocumentBlock block)
    {
        for (var i = start; i < end; )
        {
            var first = i++;
            Assert.StartsWith("$ ", lines[first], StringComparison.Ordinal);
            while (i < end && lines[i].StartsWith("> ", StringComparison.Ordinal))
            {
                i++;
            }

            var after = i;
            while (i < end && !lines[i].StartsWith("$ ", StringComparison.Ordinal))
            {
                i++;
            }

            var text = string.Join('\n', lines[first..after].Select(static line => line[2..]));
            yield return new(text, first + 1, block, lines[after..i], after);
        }
    }

    // A command continues after a backslash, and to the end of its here-document.
    private static int LastLine(string[] lines, int first, int end)
    {
        var last = first;
        while (last < end - 1 && lines[last].EndsWith('\\'))
        {
            last++;
        }

        if (lines[last].IndexOf("<<", StringComparison.Ordinal) is var at and >= 0)
        {
            last = Array.IndexOf(lines, lines[last][(at + 2)..].Split(' ')[0].Trim('\''), last + 1);
        }

        return last;
    }
}
