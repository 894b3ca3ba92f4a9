namespace Podfence.Model;

/// <summary>What a source tells of the cluster. Events are entered into a <see cref="ClusterState"/> by its one writer, in the order in which the source told them.</summary>
public abstract record ClusterEvent
{
    /// <summary>When the source received it, on the monotonic scale of the process's clock (TimeProvider.GetTimestamp); 0 where it does not say.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>Enters what the event says into the state.</summary>
    public abstract void ApplyTo(ClusterState state);
}

/// <summary>An object is as given.</summary>
/// <param name="Item">The object.</param>
public sealed record ObjectUpserted(ClusterObject Item) : ClusterEvent
{
    /// <inheritdoc/>
    public override void ApplyTo(ClusterState state) => Item.UpsertInto(state);
}

/// <summary>An object is gone.</summary>
/// <param name="Reference">Its kind and name.</param>
public sealed record ObjectRemoved(ObjectReference Reference) : ClusterEvent
{
    /// <inheritdoc/>
    public override void ApplyTo(ClusterState state) => state.Remove(Reference);
}

/// <summary>From here to <see cref="ListEnded"/> the source tells all objects of a kind that there are. A list that begins again before it has ended starts over.</summary>
/// <param name="Kind">The kind, such as <c>Pod</c>.</param>
public sealed record ListBegan(string Kind) : ClusterEvent
{
    /// <inheritdoc/>
    public override void ApplyTo(ClusterState state) => state.BeginList(Kind);
}

/// <summary>The list is complete: objects of the kind that it did not name are gone.</summary>
/// <param name="Kind">The kind, such as <c>Pod</c>.</param>
public sealed record ListEnded(string Kind) : ClusterEvent
{
    /// <inheritdoc/>
    public override void ApplyTo(ClusterState state) => state.EndList(Kind);
}
