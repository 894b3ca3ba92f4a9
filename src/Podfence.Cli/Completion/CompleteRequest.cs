using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence __complete WORDS</c>, which completion scripts run: prints a line per candidate, with a tab before its
/// description, then <c>:4</c>, or <c>:0</c> if file names may follow too. It is the protocol of kubectl and its
/// plugins.
/// </summary>
/// <remarks>https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/</remarks>
internal static class CompleteRequest
{
    public const string Name = "__complete";

    /// <summary>
    /// Runs the request, if the command line is one. Its words are not parsed: options may lack their values.
    /// </summary>
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
