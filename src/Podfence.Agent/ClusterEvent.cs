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

/// <summary>A pod is as given.</summary>
public sealed record PodUpserted(Pod Pod) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.Upsert(Pod);
}

/// <summary>A pod is gone.</summary>
public sealed record PodRemoved(PodKey Key) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.RemovePod(Key);
}

/// <summary>A namespace is as given.</summary>
public sealed record NamespaceUpserted(Namespace Namespace) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.Upsert(Namespace);
}

/// <summary>A namespace is gone.</summary>
public sealed record NamespaceRemoved(string Name) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.RemoveNamespace(Name);
}

/// <summary>A node is as given.</summary>
public sealed record NodeUpserted(Node Node) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.Upsert(Node);
}

/// <summary>A node is gone.</summary>
public sealed record NodeRemoved(string Name) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.RemoveNode(Name);
}

/// <summary>A policy is as given.</summary>
public sealed record PolicyUpserted(NetworkPolicy Policy) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.Upsert(Policy);
}

/// <summary>A policy is gone.</summary>
public sealed record PolicyRemoved(PolicyKey Key) : ClusterEvent
{
    internal override void ApplyTo(ClusterState state) => state.RemovePolicy(Key);
}

/// <summary>
/// All that came before is to be in the kernel when the listener hears of it. The first barrier says that the source has told everything there is:
/// nothing is written before it.
/// </summary>
/// <param name="Number">Named back to the listener.</param>
public sealed record Barrier(long Number) : ClusterEvent;
