using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// A point in the order of events: the loop reports it when all events before it are in the kernel. The first one marks
/// that the source has reported everything; nothing is written before it.
/// </summary>
/// <param name="Number">Identifies it to the listener.</param>
public readonly record struct SyncPoint(long Number);

/// <summary>An item of the loop's queue: an event or a sync point.</summary>
internal readonly record struct LoopItem
{
    private LoopItem(ClusterEvent? change, SyncPoint point) => (Event, SyncPoint) = (change, point);

    /// <summary>The event; null if the item is a sync point.</summary>
    public ClusterEvent? Event { get; }

    public SyncPoint SyncPoint { get; }

    public static implicit operator LoopItem(ClusterEvent change) => new(change, default);

    public static implicit operator LoopItem(SyncPoint point) => new(null, point);
}
