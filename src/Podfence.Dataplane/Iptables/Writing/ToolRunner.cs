using System.Text;
using Podfence.Base;

namespace Podfence.Dataplane.Iptables;

/// <summary>The result of a program.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it wrote to standard error.</param>
public sealed record ToolResult(int ExitCode, string Output, string Errors);

/// <summary>Runs programs; tests replace it.</summary>
public interface IToolRunner
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its name, without a folder.</param>
    /// <param name="arguments">One by one: there is no shell.</param>
    /// <param name="input">Its standard input.</param>
    /// <exception cref="DataplaneException">It is not installed, or does not exit in time.</exception>
    ToolResult Run(string program, IReadOnlyList<string> arguments, string input);

    /// <summary>Whether a program is installed.</summary>
    bool Has(string program);
}

/// <summary>Starts processes: by absolute path, with no environment but the C locale, never by a shell.</summary>
public sealed class ToolRunner(INetworkNamespace netns, TimeProvider? time = null) : IToolRunner
{
    // Longer than the wait for the xtables lock; a load from scratch of the largest tables takes seconds.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);
    private static readonly KeyValuePair<string, string>[] s_environment =
    [
        KeyValuePair.Create("LC_ALL", "C"),
        KeyValuePair.Create("PATH", string.Join(':', ProgramPath.SystemFolders)),
    ];

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public bool Has(string program) => ProgramPath.FindSystem(program) is not null;

    /// <inheritdoc/>
    public ToolResult Run(string program, IReadOnlyList<string> arguments, string input)
    {
        var request = new ProgramRequest(
            ProgramPath.FindSystem(program) ?? throw ToolFailure.Missing(program),
            arguments
        )
        {
            Input = Encoding.UTF8.GetBytes(input),
            Environment = s_environment,
            Timeout = s_timeout,
            Start = netns.Start,
        };
        try
        {
            var result = ProgramRunner.RunAsync(request, _time, CancellationToken.None).GetAwaiter().GetResult();
            return new ToolResult(result.ExitCode, result.OutputText, result.ErrorText);
        }
        catch (ProgramException error)
        {
            throw error.Failure == ProgramFailure.CannotStart
                ? new DataplaneException(
                    DataplaneFailure.NotSupported,
                    $"{request.Path} cannot be started: {error.Message}",
                    error
                )
                : new DataplaneException(DataplaneFailure.Rejected, $"{program} {error.Message}", error);
        }
    }
}
