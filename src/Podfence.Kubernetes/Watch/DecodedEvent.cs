using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>A watch event, decoded for the reflector.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Event">The event to emit; null if there is none.</param>
/// <param name="Version">The version to continue from after it; null if it has none.</param>
/// <param name="EndsList">Whether a streamed list is complete with it.</param>
/// <param name="MayHaveMissedEvents">Whether its content could not be read, so that a change may be missing.</param>
/// <param name="Failure">The error that the server reported.</param>
internal readonly record struct DecodedEvent(
    WatchEventType Type,
    ClusterEvent? Event,
    string? Version,
    bool EndsList = false,
    bool MayHaveMissedEvents = false,
    KubeException? Failure = null
);
