using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace Podfence.Cli;

/// <summary>The manual page of one command, generated from its help, in the macros of man(7).</summary>
internal sealed class ManPage
{
    private readonly StringBuilder _text = new();
    private readonly IReadOnlyList<Command> _path;

    private ManPage(IReadOnlyList<Command> path) => _path = path;

    private Command Command => _path[^1];

    private string Typed =>
        string.Join(' ', _path.Skip(1).Select(static command => command.Name).Prepend(ProgramName.Own));

    /// <summary>The name (<c>podfence-lab-up</c>) and text of every page of a tree of commands.</summary>
    /// <param name="root">The commands; hidden ones have no page.</param>
    /// <param name="version">The version to print on the pages.</param>
    public static IEnumerable<(string Name, string Text)> All(RootCommand root, string version) =>
        Below([root]).Select(path => (NameOf(path), new ManPage(path).Write(version)));

    private static IEnumerable<IReadOnlyList<Command>> Below(IReadOnlyList<Command> path) =>
        path[^1]
            .Subcommands.Where(static command => !command.Hidden)
            .SelectMany(command => Below([.. path, command]))
            .Prepend(path);

    private static string NameOf(IReadOnlyList<Command> path) =>
        string.Join('-', path.Skip(1).Select(static command => command.Name).Prepend(ProgramName.Own));

    private string Write(string version)
    {
        var verbs = Command.Subcommands.Where(static command => !command.Hidden).ToList();
        var options = Command
            .Options.Where(static option => !option.Hidden && option is not (HelpOption or VersionOption))
            .ToList();
        var title = Quoted(NameOf(_path).ToUpperInvariant());
        Line($".TH {title} 1 \"\" {Quoted($"podfence {version}")} \"Podfence manual\"");
        Section("NAME");
        Line($"{Plain(NameOf(_path))} \\- {Plain(FirstSentence(Command.Description))}");
        Section("SYNOPSIS");
        Line($".B {Plain(Typed)}");
        Line(
            string.Join(
                ' ',
                Command
                    .Arguments.Select(Synopsis)
                    .Append(verbs.Count > 0 ? "\\fIcommand\\fR" : "")
                    .Append(options.Count > 0 ? "[\\fIoptions\\fR]" : "")
                    .Where(static part => part.Length > 0)
            )
        );
        Section("DESCRIPTION");
        Line(Plain(Command.Description));
        Table("COMMANDS", verbs.Select(static command => ($"\\fB{Plain(command.Name)}\\fR", command.Description)));
        Table(
            "ARGUMENTS",
            Command
                .Arguments.Where(static argument => !argument.Hidden)
                .Select(static argument => ($"\\fI{Plain(argument.Name)}\\fR", argument.Description))
        );
        Table(
            "OPTIONS",
            options.Select(static option => (Names(option), (string?)(option.Description + Default(option))))
        );
        Examples();
        Table(
            "EXIT STATUS",
            [
                ("0", "Success; where the command compares something, there are no differences."),
                ("1", "Error in the input or the usage, reported on stderr; there is no result."),
                ("2", "The input is valid, but the result differs from the expectation or the comparison."),
                ("130", "Interrupted by a signal."),
            ]
        );
        SeeAlso(verbs);
        return _text.ToString();
    }

    private void Examples()
    {
        var examples = HelpExamples.ExamplesOf(Command);
        if (examples.Count == 0)
        {
            return;
        }

        Section("EXAMPLES");
        foreach (var (what, line) in examples)
        {
            Line(".PP");
            Line(Plain(what) + ":");
            Line(".PP\n.RS 4\n.nf");
            Line(Plain(line));
            Line(".fi\n.RE");
        }
    }

    private void SeeAlso(List<Command> verbs)
    {
        var others = verbs
            .Select(verb => NameOf([.. _path, verb]))
            .Concat(_path.Count > 1 ? [NameOf([.. _path.SkipLast(1)])] : [])
            .Order(StringComparer.Ordinal)
            .ToList();
        Section("SEE ALSO");
        for (var i = 0; i < others.Count; i++)
        {
            Line($".BR {Plain(others[i])} (1){(i + 1 < others.Count ? "," : "")}");
        }
    }

    private void Table(string title, IEnumerable<(string Term, string? Text)> rows)
    {
        var isFirst = true;
        foreach (var (term, text) in rows)
        {
            if (isFirst)
            {
                Section(title);
                isFirst = false;
            }

            Line($".TP\n{term}");
            Line(Plain(text));
        }
    }

    private void Section(string title) => Line($".SH {title}");

    private void Line(string line) => _text.Append(line).Append('\n');

    private static string Names(Option option)
    {
        var names = option
            .Aliases.Prepend(option.Name)
            .OrderBy(static name => name.Length)
            .Select(static name => $"\\fB{Plain(name)}\\fR");
        var takes =
            option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool)
                ? $" \\fI{Plain(option.HelpName ?? "VALUE")}\\fR"
                : "";
        return string.Join(", ", names) + takes;
    }

    private static string Synopsis(Argument argument)
    {
        var name = $"\\fI{Plain(argument.Name)}\\fR{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Default(Option option) =>
        option.HasDefaultValue
        && option.ValueType != typeof(bool)
        && option.GetDefaultValue()?.ToString() is { Length: > 0 } value
            ? $" [default: {value}]"
            : "";

    private static string FirstSentence(string? text)
    {
        var line = (text ?? "").Split('\n')[0];
        var end = line.IndexOf(": ", StringComparison.Ordinal);
        return (end > 0 ? line[..end] : line).TrimEnd('.');
    }

    private static string Quoted(string text) => $"\"{Plain(text)}\"";

    // A bare hyphen may be typeset as a dash, and a period or an apostrophe at the start of a line begins a macro.
    private static string Plain(string? text)
    {
        var plain = new StringBuilder();
        foreach (var sign in (text ?? "").ReplaceLineEndings("\n.br\n"))
        {
            plain.Append(
                sign switch
                {
                    '\\' => "\\e",
                    '-' => "\\-",
                    '~' => "\\(ti",
                    '^' => "\\(ha",
                    '`' => "\\(ga",
                    '\'' => "\\(aq",
                    '"' => "\\(dq",
                    '…' => "...",
                    _ => sign.ToString(),
                }
            );
        }

        return plain is { Length: > 0 } && plain[0] == '.' ? $"\\&{plain}" : plain.ToString();
    }
}
