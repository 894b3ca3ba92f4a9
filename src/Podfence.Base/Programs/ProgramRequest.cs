using System.Diagnostics;

namespace Podfence.Base;

/// <summary>A program to run to its end.</summary>
/// <param name="Path">The absolute path of its file.</param>
/// <param name="Arguments">One entry per argument; no shell splits or expands them.</param>
public sealed record ProgramRequest(string Path, IReadOnlyList<string> Arguments)
{
    /// <summary>Bytes for its standard input, which is then closed. Default: none.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Variables to set in its environment. Default: none.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Whether the program inherits the environment of this process as well. Default: false.</summary>
    public bool InheritsEnvironment { get; init; }

    /// <summary>Its current folder. Default: that of this process.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>How long it may run before it is killed with all its children. Default: 60 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many bytes it may print, on each of its two streams, before it is killed. Default: 1 GiB.</summary>
    public int MaxOutputBytes { get; init; } = 1 << 30;

    /// <summary>
    /// Starts the process, for callers that need it in another network namespace. Default: <see
    /// cref="ProgramStarter.Start"/>.
    /// </summary>
    public Func<ProcessStartInfo, Process> Start { get; init; } = ProgramStarter.Start;
}
