namespace Podfence.Model;

/// <summary>
/// One change that a source reports. The single writer of a <see cref="ClusterState"/> applies events in the order in
/// which the source reported them.
/// </summary>
public abstract record ClusterEvent
{
    /// <summary>
    /// When the source received it, on the monotonic scale of the process's clock (TimeProvider.GetTimestamp); 0 if
    /// unknown.
    /// </summary>
    public long ReceivedAt { get; init; }
}

/// <summary>An object was created or changed.</summary>
/// <param name="Item">The whole object.</param>
public sealed record ObjectUpserted(ClusterObject Item) : ClusterEvent;

/// <summary>An object was deleted.</summary>
/// <param name="Reference">Its kind and name.</param>
public sealed record ObjectRemoved(ObjectReference Reference) : ClusterEvent;

/// <summary>
/// From here to <see cref="ListEnded"/> the source reports every object of a kind. A list that begins again before it
/// has ended starts over.
/// </summary>
/// <param name="Kind">The kind, such as <c>Pod</c>.</param>
public sealed record ListBegan(string Kind) : ClusterEvent;

/// <summary>The list is complete: objects of the kind that it did not contain no longer exist.</summary>
/// <param name="Kind">The kind, such as <c>Pod</c>.</param>
public sealed record ListEnded(string Kind) : ClusterEvent;
