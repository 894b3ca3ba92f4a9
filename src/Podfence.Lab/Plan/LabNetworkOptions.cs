namespace Podfence.Lab;

/// <summary>How pods are connected.</summary>
public enum PodNetwork
{
    /// <summary>A bridge per node, routes between nodes: the plain CNI bridge plugin, flannel host-gw, kindnet.</summary>
    Bridge,

    /// <summary>A routed link per pod, routes between nodes: the CNI ptp plugin, Calico.</summary>
    Routed,

    /// <summary>A bridge per node, VXLAN between nodes: flannel.</summary>
    Vxlan,
}

/// <summary>Choices about a lab's network that hold as long as the lab lives.</summary>
public sealed record LabNetworkOptions
{
    /// <summary>How pods are connected. Default: <see cref="PodNetwork.Bridge"/>.</summary>
    public PodNetwork PodNetwork { get; init; } = PodNetwork.Bridge;

    /// <summary>Whether bridged packets pass the nodes' IP filters (net.bridge.bridge-nf-call-iptables and -ip6tables). Default: yes; without it a fence cannot see packets between pods of one node.</summary>
    public bool BridgeNetfilter { get; init; } = true;
}
