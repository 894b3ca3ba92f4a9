namespace Podfence.Model;

/// <summary>
/// Receives the effect of each change of a <see cref="ClusterState"/>, immediately and on the writer's thread, after
/// the state has changed. Implementations do no I/O. The default for each kind of change is to ignore it.
/// </summary>
public interface IClusterObserver
{
    /// <summary>
    /// An address has a new owner, or its owner changed. Either may be null; both are endpoints (<see
    /// cref="Pod.IsEndpoint"/>).
    /// </summary>
    void EndpointChanged(IpAddress address, Pod? before, Pod? after) { }

    /// <summary>A namespace was added, changed or removed.</summary>
    void NamespaceChanged(Namespace? before, Namespace? after) { }

    /// <summary>A node was added, changed or removed.</summary>
    void NodeChanged(Node? before, Node? after) { }

    /// <summary>A policy was added, changed or removed.</summary>
    void PolicyChanged(NetworkPolicy? before, NetworkPolicy? after) { }
}
