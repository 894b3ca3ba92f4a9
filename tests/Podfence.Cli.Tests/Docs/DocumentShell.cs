using System.Diagnostics;

namespace Podfence.Cli.Tests;

/// <summary>
/// Runs the commands of a page in one bash, in a folder of its own that has the repository's examples, with this build
/// of podfence on the PATH.
/// </summary>
internal static class DocumentShell
{
    private const char Mark = '\x01';
    private const string Sockets = "/run/podfence/lab";

    /// <summary>
    /// Runs them in order; output and messages are one text, as on a screen. Labs get a name of their own, which is not
    /// in the output.
    /// </summary>
    public static async Task<IReadOnlyList<ProgramRun>> RunAsync(IReadOnlyList<string> commands)
    {
        var folder = Directory.CreateTempSubdirectory("podfence-docs").FullName;
        var lab = $"docs-{Environment.ProcessId}-{Path.GetFileName(folder)[^6..]}";
        var info = new ProcessStartInfo("/bin/bash") { WorkingDirectory = folder };
        try
        {
            Copy(new(Path.Combine(CommandRun.Root, "examples")), Path.Combine(folder, "examples"));
            var programs = Directory.CreateDirectory(Path.Combine(folder, ".bin")).FullName;
            await WriteProgramAsync(Path.Combine(programs, "podfence"), Shim(lab));
            var script = Path.Combine(programs, "page");
            await WriteProgramAsync(script, "exec 2>&1\n" + string.Concat(commands.Select(WithMark)));
            info.Environment["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}";
            info.Environment.Remove("KUBECONFIG");
            var run = await PodfenceProgram.RunAsync(info, [script], null);
            var parts = run
                .Output.Replace(lab + "-", "", StringComparison.Ordinal)
                .Replace(lab, "default", StringComparison.Ordinal)
                .Replace(folder + "/", "", StringComparison.Ordinal)
                .Split(Mark);
            return [.. commands.Select((_, i) => new ProgramRun(int.Parse(parts[(2 * i) + 1]), parts[2 * i], ""))];
        }
        finally
        {
            foreach (var socket in Directory.Exists(Sockets) ? Directory.EnumerateFiles(Sockets, lab + "*.sock") : [])
            {
                await PodfenceProgram.RunAsync("lab", "down", "--name", Path.GetFileNameWithoutExtension(socket));
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    // Prints the exit code between two marks, and keeps it for the next command.
    private static string WithMark(string command) => $"{command}\ns=$?; printf '\\001%d\\001' $s; (exit $s)\n";

    // Calls the executable with names of labs that no other test has.
    private static string Shim(string lab) =>
        $$"""
            #!/bin/bash
            name={{lab}}
            args=()
            while [ $# -gt 0 ]; do
              if [ "$1" = --name ]; then name={{lab}}-$2; shift 2; else args+=("$1"); shift; fi
            done
            set -- "${args[@]}"
            [ "$1" != lab ] || set -- lab "$2" --name "$name" "${@:3}"
            exec {{PodfenceProgram.File}} "$@"
            """;

    private static async Task WriteProgramAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (var folder in from.EnumerateDirectories())
        {
            Copy(folder, Path.Combine(to, folder.Name));
        }
    }
}
