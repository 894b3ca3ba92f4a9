using Podfence.Base;

namespace Podfence.Model;

/// <summary>Transport protocols that NetworkPolicy knows. The values are IANA protocol numbers.</summary>
public enum Protocol : byte
{
    /// <summary>TCP, the default of every port field.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}

/// <summary>Phase of a pod (core/v1 PodStatus.phase).</summary>
public enum PodPhase : byte
{
    /// <summary>Accepted, not all containers started. Also used for an absent or unknown phase.</summary>
    Pending,

    /// <summary>At least one container runs.</summary>
    Running,

    /// <summary>All containers have succeeded; the address may be given to another pod.</summary>
    Succeeded,

    /// <summary>
    /// All containers have ended, at least one of them with an error; the address may be given to another pod.
    /// </summary>
    Failed,
}

/// <summary>A port that a container declares.</summary>
/// <param name="Name">The name that policies may use, or null.</param>
/// <param name="Number">1 to 65535.</param>
/// <param name="Protocol">The protocol; TCP by default.</param>
public sealed record ContainerPort(string? Name, int Number, Protocol Protocol);

/// <summary>A pod, reduced to what policy needs.</summary>
public sealed record Pod
{
    /// <summary>Namespace and name.</summary>
    public required PodKey Key { get; init; }

    /// <summary>metadata.labels.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>spec.nodeName, or null while the pod is not scheduled.</summary>
    public string? NodeName { get; init; }

    /// <summary>status.podIPs, at most one per family; empty while the pod has none.</summary>
    public EquatableArray<IpAddress> Addresses { get; init; }

    /// <summary>
    /// spec.hostNetwork: the pod shares its node's addresses, so no policy can distinguish it from the node. It is
    /// never fenced and never a selected peer.
    /// </summary>
    public bool HostNetwork { get; init; }

    /// <summary>status.phase.</summary>
    public PodPhase Phase { get; init; }

    /// <summary>
    /// metadata.deletionTimestamp is set. Its policies and its place in sets stay until the containers have ended.
    /// </summary>
    public bool Terminating { get; init; }

    /// <summary>
    /// metadata.creationTimestamp in seconds of the Unix epoch, 0 where unknown: of two pods with one address the
    /// younger owns it.
    /// </summary>
    public long CreatedAt { get; init; }

    /// <summary>Ports of all containers and init containers (sidecars may declare ports too).</summary>
    public EquatableArray<ContainerPort> Ports { get; init; }

    /// <summary>The workload that the pod belongs to, or null. For output; policies do not use it.</summary>
    public WorkloadRef? Workload { get; init; }

    /// <summary>Where the pod was read.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>
    /// The pod has ended: it keeps status.podIPs, but the address is free for others, so it owns none.
    /// </summary>
    public bool Finished => Phase is PodPhase.Succeeded or PodPhase.Failed;

    /// <summary>Whether policies may fence the pod and select it as a peer.</summary>
    public bool IsEndpoint => !HostNetwork && !Finished && !Addresses.IsEmpty;

    /// <summary>The pod's address of a family, or null.</summary>
    public IpAddress? AddressOf(IpFamily family)
    {
        foreach (var address in Addresses)
        {
            if (address.Family == family)
            {
                return address;
            }
        }

        return null;
    }
}
