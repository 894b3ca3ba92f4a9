namespace Podfence.Lab;

/// <summary>How pods are connected.</summary>
public enum PodNetwork
{
    /// <summary>
    /// A bridge per node, routes between nodes: the plain CNI bridge plugin, flannel host-gw, kindnet.
    /// </summary>
    Bridge,

    /// <summary>A routed link per pod, routes between nodes: the CNI ptp plugin, Calico.</summary>
    Routed,

    /// <summary>A bridge per node, VXLAN between nodes: flannel.</summary>
    Vxlan,
}

/// <summary>Options of a lab's network, fixed for its lifetime.</summary>
public sealed record LabNetworkOptions
{
    /// <summary>How pods are connected. Default: <see cref="PodNetwork.Bridge"/>.</summary>
    public PodNetwork PodNetwork { get; init; } = PodNetwork.Bridge;

    /// <summary>
    /// Whether bridged packets pass the nodes' IP filters (net.bridge.bridge-nf-call-iptables and -ip6tables). Default:
    /// true; otherwise policies cannot be enforced between pods of one node.
    /// </summary>
    public bool BridgeNetfilter { get; init; } = true;
}
