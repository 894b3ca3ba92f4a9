using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence __complete WORDS</c>, which completion scripts run: a line for each word that may come next, its description behind a tab, then <c>:4</c>, or <c>:0</c> where files may come too.
/// That is what kubectl asks of the helpers of its plugins, and what its own scripts read.
/// </summary>
/// <remarks>https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/</remarks>
internal static class CompleteRequest
{
    /// <summary>The verb's name.</summary>
    public const string Name = "__complete";

    /// <summary>Answers, where the command line is this verb's. The words are not parsed: among them are options without their values.</summary>
    public static bool TryRun(RootCommand root, IReadOnlyList<string> args, TextWriter output)
    {
        if (args is not [Name, ..])
        {
            return false;
        }

        var found = Completer.Of(root, [.. args.Skip(1)]);
        foreach (var (word, description) in found.Candidates)
        {
            output.WriteLine(description.Length > 0 ? $"{word}\t{description}" : word);
        }

        output.WriteLine(found.TakesFiles ? ":0" : ":4");
        return true;
    }
}
