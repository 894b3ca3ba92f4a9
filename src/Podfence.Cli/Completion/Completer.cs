using System.CommandLine;
using System.CommandLine.Completions;

namespace Podfence.Cli;

/// <summary>A possible next word.</summary>
/// <param name="Word">The word.</param>
/// <param name="Description">Its description; may be empty.</param>
internal readonly record struct Candidate(string Word, string Description);

/// <summary>The possible next words of a command line.</summary>
/// <param name="Candidates">The words, in order.</param>
/// <param name="TakesFiles">Whether file names are possible too.</param>
internal sealed record Completions(IReadOnlyList<Candidate> Candidates, bool TakesFiles);

/// <summary>
/// Finds the possible next words of a command line in the tree of commands. The parser's own suggestions stop after an
/// option, offer options where words are expected, and throw for <c>--option=</c>.
/// </summary>
internal sealed class Completer
{
    // Values with these names in the help are files.
    private static readonly string[] s_files = ["PATH", "FILE", "FOLDER", "TESTS", "OLD", "NEW"];

    private readonly List<Command> _path;
    private Option? _open;
    private bool _onlyArguments;
    private int _arguments;

    private Completer(RootCommand root) => _path = [root];

    private Command Current => _path[^1];

    // Options of this command and the recursive ones of its parents.
    private IEnumerable<Option> Options =>
        Current
            .Options.Concat(
                _path.SkipLast(1).SelectMany(static command => command.Options).Where(static option => option.Recursive)
            )
            .Where(static option => !option.Hidden);

    /// <summary>Completes a command line.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="words">The words after the program name; the last one is incomplete and may be empty.</param>
    public static Completions Of(RootCommand root, IReadOnlyList<string> words)
    {
        var completer = new Completer(root);
        foreach (var word in words.SkipLast(1))
        {
            completer.Take(word);
        }

        return completer.Next(words.Count > 0 ? words[^1] : "");
    }

    private void Take(string word)
    {
        if (_open is not null)
        {
            _open = null;
        }
        else if (!_onlyArguments && word == "--")
        {
            _onlyArguments = true;
        }
        else if (!_onlyArguments && IsOption(word))
        {
            var option = Find(word);
            _open =
                option is not null && TakesValue(option) && !word.Contains('=', StringComparison.Ordinal)
                    ? option
                    : null;
        }
        else if (
            _arguments == 0
            && Current.Subcommands.FirstOrDefault(command => command.Name == word || command.Aliases.Contains(word))
                is { } verb
        )
        {
            _path.Add(verb);
        }
        else
        {
            _arguments++;
        }
    }

    private Completions Next(string typed)
    {
        if (_open is not null)
        {
            return Values(_open, _open.HelpName, typed, "");
        }

        if (!_onlyArguments && typed.StartsWith('-'))
        {
            return typed.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && Find(typed) is { } option
                ? Values(option, option.HelpName, typed[(equals + 1)..], typed[..(equals + 1)])
                : new(
                    [
                        .. Options
                            .SelectMany(option => Names(option, typed))
                            .OrderBy(static found => found.Word, StringComparer.Ordinal),
                    ],
                    false
                );
        }

        var verbs =
            _arguments > 0
                ? []
                : Current
                    .Subcommands.Where(command =>
                        !command.Hidden && command.Name.StartsWith(typed, StringComparison.Ordinal)
                    )
                    .Select(static command => new Candidate(command.Name, Line(command.Description)));
        // The last argument may take all remaining words.
        var argument =
            _arguments < Current.Arguments.Count ? Current.Arguments[_arguments]
            : Current.Arguments is [.., { Arity.MaximumNumberOfValues: > 1 } last] ? last
            : null;
        var values = argument is null
            ? new([], false)
            : Values(argument, argument.HelpName ?? argument.Name, typed, "");
        return new([.. verbs, .. values.Candidates], values.TakesFiles);
    }

    private static Completions Values(Symbol symbol, string? called, string typed, string before) =>
        new(
            [
                .. symbol
                    .GetCompletions(CompletionContext.Empty)
                    .Select(static item => item.Label)
                    .Distinct()
                    .Where(word => word.StartsWith(typed, StringComparison.Ordinal))
                    .Select(word => new Candidate(before + word, "")),
            ],
            called is not null && s_files.Contains(called, StringComparer.OrdinalIgnoreCase)
        );

    private static IEnumerable<Candidate> Names(Option option, string typed) =>
        option
            .Aliases.Prepend(option.Name)
            .Where(name =>
                name.StartsWith(typed, StringComparison.Ordinal)
                && (name.StartsWith("--", StringComparison.Ordinal) || name == typed)
            )
            .Select(name => new Candidate(name, Line(option.Description)));

    private Option? Find(string word)
    {
        var name = word.Split('=', 2)[0];
        return Options.FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));
    }

    private static bool IsOption(string word) => word.StartsWith('-') && word != "-";

    // A flag takes a value only after an equals sign.
    private static bool TakesValue(Option option) =>
        option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool) && option.ValueType != typeof(bool?);

    private static string Line(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace('\t', ' ');
}
