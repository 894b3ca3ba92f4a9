using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Runs iproute2 inside a namespace: one process per batch of commands, never a shell. Its error text is reported with
/// the command that failed.
/// </summary>
public static class IpTool
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs <c>ip -batch -</c> with one command per line, in order; stops at the first that fails.</summary>
    /// <param name="where">The namespace.</param>
    /// <param name="commands">Commands without the leading <c>ip</c>.</param>
    /// <param name="cancel">Kills the program.</param>
    /// <exception cref="LabException">
    /// iproute2 is missing, a command failed or took longer than half a minute.
    /// </exception>
    public static Task RunAsync(NetworkNamespace where, IReadOnlyList<string> commands, CancellationToken cancel) =>
        RunAsync("ip", [], where, commands, cancel);

    /// <summary>
    /// As <see cref="RunAsync(NetworkNamespace, IReadOnlyList{string}, CancellationToken)"/>, with a family for
    /// commands that name no address, such as <c>rule</c>.
    /// </summary>
    /// <param name="where">The namespace.</param>
    /// <param name="family">The family.</param>
    /// <param name="commands">Commands without the leading <c>ip</c>.</param>
    /// <param name="cancel">Kills the program.</param>
    /// <exception cref="LabException">
    /// iproute2 is missing, a command failed or took longer than half a minute.
    /// </exception>
    public static Task RunAsync(
        NetworkNamespace where,
        IpFamily family,
        IReadOnlyList<string> commands,
        CancellationToken cancel
    ) => RunAsync("ip", [family == IpFamily.IPv4 ? "-4" : "-6"], where, commands, cancel);

    /// <summary>
    /// Runs <c>bridge -batch -</c>, which sets forwarding entries of VXLAN devices, with one command per line.
    /// </summary>
    /// <param name="where">The namespace.</param>
    /// <param name="commands">Commands without the leading <c>bridge</c>.</param>
    /// <param name="cancel">Kills the program.</param>
    /// <exception cref="LabException">
    /// iproute2 is missing, a command failed or took longer than half a minute.
    /// </exception>
    public static Task RunBridgeAsync(
        NetworkNamespace where,
        IReadOnlyList<string> commands,
        CancellationToken cancel
    ) => RunAsync("bridge", [], where, commands, cancel);

    private static async Task RunAsync(
        string tool,
        string[] flags,
        NetworkNamespace where,
        IReadOnlyList<string> commands,
        CancellationToken cancel
    )
    {
        if (commands.Count == 0)
        {
            return;
        }

        var path = ProgramPath.FindSystem(tool)
            ?? throw new LabException(
                LabError.ToolMissing,
                $"the program '{tool}' is not installed: apt-get install iproute2 (or your distribution's iproute2 "
                    + "package)"
            );
        var request = new ProgramRequest(path, [.. flags, "-batch", "-"])
        {
            Input = Encoding.UTF8.GetBytes(string.Concat(commands.Select(static command => command + "\n"))),
            Environment = [KeyValuePair.Create("LC_ALL", "C")],
            Timeout = s_timeout,
            Start = where.Start,
        };
        try
        {
            var result = await ProgramRunner.RunAsync(request, TimeProvider.System, cancel);
            if (result.ExitCode != 0)
            {
                throw new LabException(LabError.ToolFailed, Explain(tool, where, commands, result.ErrorText));
            }
        }
        catch (ProgramException fault)
        {
            throw new LabException(LabError.ToolFailed, $"{tool} in {where.Label}: {fault.Message}", fault);
        }
    }

    private static string Explain(string tool, NetworkNamespace where, IReadOnlyList<string> commands, string words)
    {
        // "Command failed -:7" counts the lines of the batch.
        var mark = words.IndexOf("-:", StringComparison.Ordinal);
        var digits = mark < 0 ? default : words.AsSpan(mark + 2);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var command =
            int.TryParse(end < 0 ? digits : digits[..end], out var line) && line >= 1 && line <= commands.Count
                ? commands[line - 1]
                : null;
        var said = words.Trim().ReplaceLineEndings("; ");
        return command is null ? $"{tool} in {where.Label}: {said}" : $"'{tool} {command}' in {where.Label}: {said}";
    }
}
