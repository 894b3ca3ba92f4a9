namespace Podfence.Lab;

/// <summary>What became of a probe's packets.</summary>
public enum ProbeOutcome
{
    /// <summary>The destination answered, and it was the right one.</summary>
    Allowed,

    /// <summary>Refused at once: a TCP reset or an ICMP port-unreachable. The destination's server was up, so somebody on the way refused.</summary>
    Refused,

    /// <summary>Nothing came back in time.</summary>
    TimedOut,

    /// <summary>A host on the way knows no way, or forbids by another ICMP message. No fence of ours does that.</summary>
    Unreachable,

    /// <summary>Somebody else answered.</summary>
    Misdirected,

    /// <summary>The probe could not be made; the detail says why.</summary>
    Failed,
}

/// <summary>A measured flow.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Latency">From the first packet to the outcome.</param>
/// <param name="Detail">What the destination said, or what went wrong.</param>
public sealed record ProbeResult(LabFlow Flow, ProbeOutcome Outcome, TimeSpan Latency, string? Detail)
{
    /// <summary>Whether the flow is open.</summary>
    public bool IsAllowed => Outcome == ProbeOutcome.Allowed;

    /// <summary>Whether the flow is closed: refused or without answer. Neither this nor <see cref="IsAllowed"/> holds where the measurement itself failed.</summary>
    public bool IsDenied => Outcome is ProbeOutcome.Refused or ProbeOutcome.TimedOut or ProbeOutcome.Unreachable;
}

/// <summary>How probes are made.</summary>
public sealed record ProbeOptions
{
    /// <summary>How long an answer may take. Default: one second; a dropped flow costs all of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes at a time. Default: 64.</summary>
    public int Parallelism { get; init; } = 64;
}
