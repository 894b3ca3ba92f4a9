using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Devices, MAC addresses and link-local gateways of the lab. MAC addresses are deterministic, so that neighbour
/// entries can be static and a lab is the same each time.
/// </summary>
internal static class DeviceNames
{
    /// <summary>The uplink of a node, a pod or the external host.</summary>
    public const string Uplink = "eth0";

    /// <summary>The bridge of a node's pods.</summary>
    public const string PodBridge = "cni0";

    /// <summary>The VXLAN device of a node.</summary>
    public const string Vxlan = "vxlan0";

    /// <summary>The bridge of the fabric.</summary>
    public const string FabricBridge = "fabric0";

    /// <summary>The MAC address of the external host.</summary>
    public const string ExternalMac = "02:0f:00:00:ff:fe";

    /// <summary>The default gateway on a link: link-local, so that it collides with no pod or node address.</summary>
    public static string LinkGateway(IpFamily family) => family == IpFamily.IPv4 ? "169.254.1.1" : "fe80::ffff";

    public static string PodDevice(PodPlan pod) => $"pod{pod.Number}";

    public static string FabricPort(NodePlan node) => $"node{node.Number}";

    public static string NodeMac(NodePlan node) => Mac(0x0f, (uint)node.Number);

    public static string BridgeMac(NodePlan node) => Mac(0x12, (uint)node.Number);

    public static string VxlanMac(NodePlan node) => Mac(0x13, (uint)node.Number);

    /// <summary>The MAC address of a pod's link on the node's side.</summary>
    public static string PodPortMac(PodPlan pod) => Mac(0x11, (uint)pod.Number);

    /// <summary>
    /// The MAC address of a pod. Derived from its IPv4 address if it has one: the next pod with the IP address then has
    /// the same MAC address, and neighbour caches stay correct.
    /// </summary>
    public static string PodMac(PodPlan pod) =>
        pod.Object.AddressOf(IpFamily.IPv4) is { } address
            ? Mac(0x10, (uint)address.Value)
            : Mac(0x16, (uint)pod.Number);

    /// <summary>
    /// A node's link-local address on the fabric or VXLAN: the next hop for families without a node address.
    /// </summary>
    public static string LinkLocal(NodePlan node) => $"fe80::1:{node.Number:x}";

    private static string Mac(byte kind, uint number) =>
        $"02:{kind:x2}:{number >> 24:x2}:{(number >> 16) & 255:x2}:{(number >> 8) & 255:x2}:{number & 255:x2}";
}
