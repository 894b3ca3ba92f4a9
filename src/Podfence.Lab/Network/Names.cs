using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Devices, hardware addresses and link-local gateways of the lab. Hardware addresses are chosen, not drawn, so that neighbours can be stated and a lab is the same each time.</summary>
internal static class Names
{
    /// <summary>The device of a node, a pod or the external host that leads to the rest of the world.</summary>
    public const string Uplink = "eth0";

    /// <summary>The bridge of a node's pods.</summary>
    public const string PodBridge = "cni0";

    /// <summary>The VXLAN device of a node.</summary>
    public const string Overlay = "vxlan0";

    /// <summary>The bridge of the fabric.</summary>
    public const string FabricBridge = "fabric0";

    /// <summary>Hardware address of the external host.</summary>
    public const string ExternalMac = "02:0f:00:00:ff:fe";

    /// <summary>The default gateway on a link: link-local, so that it is in nobody's way.</summary>
    public static string LinkGateway(IpFamily family) => family == IpFamily.IPv4 ? "169.254.1.1" : "fe80::ffff";

    public static string PodDevice(PodPlan pod) => $"pod{pod.Number}";

    public static string FabricPort(NodePlan node) => $"node{node.Number}";

    public static string NodeMac(NodePlan node) => Mac(0x0f, (uint)node.Number);

    public static string BridgeMac(NodePlan node) => Mac(0x12, (uint)node.Number);

    public static string OverlayMac(NodePlan node) => Mac(0x13, (uint)node.Number);

    /// <summary>Node end of a pod's link.</summary>
    public static string PodPortMac(PodPlan pod) => Mac(0x11, (uint)pod.Number);

    /// <summary>Pod end. From the address, as far as it goes: who gets the address next then gets the hardware address too, and no neighbour's memory is wrong.</summary>
    public static string PodMac(PodPlan pod) =>
        pod.Object.AddressOf(IpFamily.IPv4) is { } address ? Mac(0x10, (uint)address.Value) : Mac(0x16, (uint)pod.Number);

    /// <summary>A node's link-local address on the fabric or the overlay: the next hop for families in which the node has no address.</summary>
    public static string LinkLocal(NodePlan node) => $"fe80::1:{node.Number:x}";

    private static string Mac(byte kind, uint number) =>
        $"02:{kind:x2}:{number >> 24:x2}:{(number >> 16) & 255:x2}:{(number >> 8) & 255:x2}:{number & 255:x2}";
}
