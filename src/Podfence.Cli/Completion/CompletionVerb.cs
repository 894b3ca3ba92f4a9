using System.CommandLine;
using System.Reflection;

namespace Podfence.Cli;

/// <summary><c>podfence completion SHELL</c>: prints the completion script of a shell.</summary>
internal static class CompletionVerb
{
    internal enum Shell
    {
        /// <summary>bash 4 or newer; needs no package.</summary>
        Bash,

        Zsh,

        Fish,

        /// <summary>The helper that kubectl runs, in any shell, to complete its plugin.</summary>
        Kubectl,
    }

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL")
        {
            Description = "bash, zsh or fish; kubectl for the helper that completes `kubectl podfence` in any of them",
        };
        shell.AcceptOnlyFromAmong([
            .. Enum.GetValues<Shell>().Select(static value => new EnumWord<Shell>(value).ToString()),
        ]);
        var verb = new Command("completion", "Print a shell completion script") { shell };
        verb.SetAction(parsed =>
            parsed.Terminal().Output.Write(Script(Enum.Parse<Shell>(parsed.GetValue(shell)!, ignoreCase: true)))
        );
        return verb.WithExamples(
            (
                "bash: source <(podfence completion bash), or install as "
                    + "~/.local/share/bash-completion/completions/podfence",
                "podfence completion bash"
            ),
            ("zsh: install as _podfence in a directory of fpath", "podfence completion zsh"),
            ("fish: install as ~/.config/fish/completions/podfence.fish", "podfence completion fish"),
            (
                "kubectl podfence: install as the executable kubectl_complete-podfence in a directory of PATH",
                "podfence completion kubectl"
            )
        );
    }

    internal static string Script(Shell shell)
    {
        using var stream = Assembly
            .GetExecutingAssembly()
            .GetManifestResourceStream($"completion/{new EnumWord<Shell>(shell)}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
