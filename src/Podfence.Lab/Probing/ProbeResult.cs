namespace Podfence.Lab;

/// <summary>The outcome of a probe.</summary>
public enum ProbeOutcome
{
    /// <summary>The right destination replied.</summary>
    Allowed,

    /// <summary>
    /// A TCP reset or an ICMP port-unreachable. The destination's server was up, so a packet filter sent it.
    /// </summary>
    Refused,

    /// <summary>There was no reply in time.</summary>
    TimedOut,

    /// <summary>No route, or another ICMP error, which Podfence never sends.</summary>
    Unreachable,

    /// <summary>Another server replied.</summary>
    Misdirected,

    /// <summary>The probe could not be made; the detail says why.</summary>
    Failed,
}

/// <summary>A measured flow.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Latency">Time from the first packet to the outcome.</param>
/// <param name="Detail">The reply of the destination, or an error.</param>
public sealed record ProbeResult(LabFlow Flow, ProbeOutcome Outcome, TimeSpan Latency, string? Detail)
{
    /// <summary>Whether the flow is allowed.</summary>
    public bool IsAllowed => Outcome == ProbeOutcome.Allowed;

    /// <summary>
    /// Whether the flow is denied. Neither this nor <see cref="IsAllowed"/> is true if the measurement failed.
    /// </summary>
    public bool IsDenied => Outcome is ProbeOutcome.Refused or ProbeOutcome.TimedOut or ProbeOutcome.Unreachable;
}

/// <summary>How probes are made.</summary>
public sealed record ProbeOptions
{
    /// <summary>How long to wait for a reply. Default: one second, which every dropped flow takes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes at a time. Default: 64.</summary>
    public int Parallelism { get; init; } = 64;
}
