namespace Podfence.Model;

/// <summary>
/// Hears what each change of a <see cref="ClusterState"/> means, at once and on the writer's thread, after the state has taken the change.
/// Hearing does no I/O.
/// </summary>
public interface IClusterObserver
{
    /// <summary>An address has a new owner, or its owner's object changed. Either side may be null; both are endpoints (<see cref="Pod.IsEndpoint"/>).</summary>
    void EndpointChanged(IpAddress address, Pod? before, Pod? after);

    /// <summary>A namespace appeared, changed or went.</summary>
    void NamespaceChanged(Namespace? before, Namespace? after);

    /// <summary>A node appeared, changed or went.</summary>
    void NodeChanged(Node? before, Node? after);

    /// <summary>A policy appeared, changed or went.</summary>
    void PolicyChanged(NetworkPolicy? before, NetworkPolicy? after);
}
