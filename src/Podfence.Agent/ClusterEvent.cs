using Podfence.Model;

namespace Podfence.Agent;

/// <summary>What a source tells the reconcile loop.</summary>
public abstract record ClusterEvent
{
    /// <summary>Enters what the event says into the state.</summary>
    internal virtual void ApplyTo(ClusterState state)
    {
    }
}

/// <summary>An object is as given.</summary>
/// <param name="Item">The object.</param>
public sealed record ObjectUpserted(ClusterObject Item) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => Item.UpsertInto(state);
}

/// <summary>An object is gone.</summary>
/// <param name="Reference">Its kind and name.</param>
public sealed record ObjectRemoved(ObjectReference Reference) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.Remove(Reference);
}

/// <summary>
/// All that came before is to be in the kernel when the listener hears of it. The first barrier says that the source has told everything there is:
/// nothing is written before it.
/// </summary>
/// <param name="Number">Named back to the listener.</param>
public sealed record Barrier(long Number) : ClusterEvent;
