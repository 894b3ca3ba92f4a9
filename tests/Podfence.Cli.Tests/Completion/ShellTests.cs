using System.Diagnostics;

namespace Podfence.Cli.Tests;

/// <summary>
/// The scripts, sourced by the shells that they are for, where the executable is the one that stands beside the tests.
/// </summary>
public sealed class ShellTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("podfence-shell-");

    public ShellTests()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "podfence"), PodfenceProgram.File);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "kubectl-podfence"), PodfenceProgram.File);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Bash_ScriptSourced_Completes()
    {
        // readline itself calls the function; here it is called as readline calls it, with its own idea of words.
        var output = await RunAsync(
            "bash",
            [
                "--norc",
                "-c",
                """
                source <(podfence completion bash)
                try() { COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=(podfence) COMPREPLY=(); _podfence podfence 2>/dev/null; echo "$1:${COMPREPLY[*]}"; }
                try 'podfence expl'
                try 'podfence explain -o '
                try 'podfence explain --output=j'
                try 'podfence explain -f '
                complete -p podfence
                """,
            ]
        );

        Assert.Equal(
            "podfence expl:explain\npodfence explain -o :json text\npodfence explain --output=j:json\npodfence "
                + "explain -f :\ncomplete -o default -F _podfence podfence\n",
            output
        );
    }

    [Fact]
    public async Task Bash_KeysOnAScreen_AreCompleted()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "no /usr/bin/script (bsdutils) to make a screen");
        // The line is completed twice, by the tabs, before it is run.
        var keys = "source <(podfence completion bash)\npodfence vers\t-o js\t\nexit\n";

        var output = await RunAsync(
            "script",
            ["--quiet", "--return", "--command", "bash --norc --noprofile -i", "/dev/null"],
            keys
        );

        Assert.Contains("\"runtime\":", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zsh_KeysOnAScreen_AreCompleted()
    {
        // The pseudo terminal is zsh's own; the line is run once the second tab has completed it.
        var output = await RunAsync(
            "zsh",
            [
                "-f",
                "-c",
                """
                zmodload zsh/zpty
                zpty z 'TERM=xterm zsh -f -i'
                zpty -w z "autoload -Uz compinit; compinit -u -d $FOLDER/dump; source <(podfence completion zsh); print READ''Y"
                while zpty -r z line; do [[ $line == *READY* ]] && break; done
                zpty -w -n z $'podfence vers\t-o js\t\n'
                while zpty -r z line; do print -r -- $line; [[ $line == *kernel* ]] && break; done
                zpty -d z
                """,
            ]
        );

        Assert.Contains("\"runtime\":", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fish_ScriptSourced_Completes()
    {
        var output = await RunAsync(
            "fish",
            [
                "--no-config",
                "-c",
                """
                source (podfence completion fish | psub)
                complete -C 'podfence expl'
                complete -C 'podfence explain -o '
                cd $FOLDER
                complete -C 'podfence explain -f kube'
                """,
            ]
        );

        Assert.Equal(
            "explain\tExplain whether a connection is allowed, which rule decides, and what would change "
                + "it\njson\ntext\nkubectl-podfence\n",
            output
        );
    }

    [Fact]
    public async Task Kubectl_PluginOnThePath_RunsCompletesAndSaysHowItIsTyped()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "kubectl_complete-podfence"),
            await RunAsync("podfence", ["completion", "kubectl"]),
            TestContext.Current.CancellationToken
        );
        await RunAsync("chmod", ["+x", Path.Combine(_folder.FullName, "kubectl_complete-podfence")]);

        Assert.StartsWith("podfence ", await RunAsync("kubectl", ["podfence", "version"]), StringComparison.Ordinal);
        var help = await RunAsync("kubectl", ["podfence", "explain", "--help"]);
        Assert.Contains("Usage:\n  kubectl podfence explain <FROM>", help, StringComparison.Ordinal);
        Assert.Contains("  kubectl podfence explain default/db -f manifests/\n", help, StringComparison.Ordinal);
        // kubectl has such helpers asked since 1.26.
        var completed = await RunAsync("kubectl", ["__complete", "podfence", "expl"]);
        Assert.SkipUnless(completed.Contains(':', StringComparison.Ordinal), "this kubectl does not complete plugins");
        Assert.StartsWith("explain\t", completed, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(string program, string[] arguments, string? input = null)
    {
        var path = $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
        var file = path.Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(file is not null, $"there is no {program} on this machine");
        var info = new ProcessStartInfo(file)
        {
            Environment =
            {
                ["PATH"] = path,
                ["FOLDER"] = _folder.FullName,
                ["HOME"] = _folder.FullName,
                ["TERM"] = "xterm",
                ["NO_COLOR"] = "1",
            },
        };
        return (await PodfenceProgram.RunAsync(info, arguments, input)).Succeeded().Output;
    }
}
