using System.CommandLine;
using System.Reflection;

namespace Podfence.Cli;

/// <summary><c>podfence completion SHELL</c>: the script that makes a shell complete our command lines.</summary>
internal static class CompletionVerb
{
    /// <summary>What there is a script for.</summary>
    internal enum Shell
    {
        /// <summary>bash 4 or newer; needs no package.</summary>
        Bash,

        /// <summary>zsh.</summary>
        Zsh,

        /// <summary>fish.</summary>
        Fish,

        /// <summary>The helper that kubectl runs, in whatever shell, to complete its plugin.</summary>
        Kubectl,
    }

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish; kubectl for the helper that makes `kubectl podfence` complete in each of them" };
        shell.AcceptOnlyFromAmong([.. Enum.GetValues<Shell>().Select(static value => new Choice<Shell>(value).ToString())]);
        var verb = new Command("completion", "Print the script that makes a shell complete command lines") { shell };
        verb.SetAction(parsed => parsed.Terminal().Output.Write(Script(Enum.Parse<Shell>(parsed.GetValue(shell)!, ignoreCase: true))));
        return verb.WithExamples(
            ("For this bash: source <(podfence completion bash); for every one: into ~/.local/share/bash-completion/completions/podfence", "podfence completion bash"),
            ("For every zsh: into _podfence in a folder of fpath", "podfence completion zsh"),
            ("For every fish: into ~/.config/fish/completions/podfence.fish", "podfence completion fish"),
            ("For kubectl podfence: into kubectl_complete-podfence in a folder of PATH, executable", "podfence completion kubectl"));
    }

    /// <summary>The script.</summary>
    internal static string Script(Shell shell)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"completion/{new Choice<Shell>(shell)}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
