namespace Podfence.Agent;

/// <summary>The state of one kind's reflector.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="IsListed">Whether all objects were listed once.</param>
/// <param name="DisconnectedAt">
/// Since when there is no watch, as a timestamp of the clock; null while there is one.
/// </param>
/// <param name="Failure">The last failure; null without one.</param>
/// <param name="Version">
/// The resourceVersion up to which everything of the kind is in the kernel; null before the first.
/// </param>
public sealed record SourceState(
    string Kind,
    bool IsListed,
    long? DisconnectedAt,
    string? Failure,
    string? Version = null
)
{
    /// <summary>The state before the first response.</summary>
    public static SourceState Unknown(string kind) => new(kind, IsListed: false, null, null);
}
