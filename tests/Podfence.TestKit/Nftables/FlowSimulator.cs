using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>What an end of a flow is, as far as the way of its packets goes.</summary>
public enum PacketEndpointKind : byte
{
    /// <summary>A pod with an address of its own. A pod in the host's network is a <see cref="Node"/>.</summary>
    Pod,

    /// <summary>A node itself.</summary>
    Node,

    /// <summary>A host outside of the cluster.</summary>
    External,
}

/// <summary>An end of a flow.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Node">The node that it is or is on; null if external.</param>
/// <param name="Address">Its address.</param>
public readonly record struct PacketEndpoint(PacketEndpointKind Kind, string? Node, IpAddress Address)
{
    /// <summary>A pod on a node.</summary>
    public static PacketEndpoint Pod(string node, IpAddress address) => new(PacketEndpointKind.Pod, node, address);

    /// <summary>A node.</summary>
    public static PacketEndpoint OfNode(string node, IpAddress address) => new(PacketEndpointKind.Node, node, address);

    /// <summary>External.</summary>
    public static PacketEndpoint External(IpAddress address) => new(PacketEndpointKind.External, null, address);
}

/// <summary>One hook that a flow's first packet comes through.</summary>
/// <param name="Node">The node.</param>
/// <param name="Hook">The hook.</param>
/// <param name="Result">The verdict there.</param>
public sealed record FlowStep(string Node, HookPoint Hook, PacketResult Result);

/// <summary>
/// Follows a flow from node to node through the tables of each, over a network that routes pod addresses unchanged:
/// bridge, host-gateway or overlay.
/// </summary>
/// <param name="nodes">The tables by node; a node that is missing filters nothing.</param>
public sealed class FlowSimulator(IReadOnlyDictionary<string, PacketSimulator> nodes)
{
    /// <summary>Whether the flow's first packet arrives.</summary>
    public PacketVerdict Send(PacketEndpoint from, PacketEndpoint to, in Packet packet)
    {
        foreach (var (node, hook) in Hooks(from, to))
        {
            if (
                nodes.TryGetValue(node, out var simulator)
                && simulator.Send(hook, packet) is var outcome and not PacketVerdict.Accepted
            )
            {
                return outcome;
            }
        }

        return PacketVerdict.Accepted;
    }

    /// <summary>The hooks that the flow's first packet comes through, up to the one that denies it.</summary>
    public IReadOnlyList<FlowStep> Trace(PacketEndpoint from, PacketEndpoint to, in Packet packet)
    {
        var steps = new List<FlowStep>();
        foreach (var (node, hook) in Hooks(from, to))
        {
            if (nodes.TryGetValue(node, out var simulator))
            {
                steps.Add(new FlowStep(node, hook, simulator.Trace(hook, packet)));
                if (!steps[^1].Result.Passes)
                {
                    break;
                }
            }
        }

        return steps;
    }

    /// <summary>
    /// The hooks at which Podfence sees a flow. Output is not hooked, so a node reaches its own pods freely. A pod that
    /// calls itself comes to the forward hook only when a service sends it back; that is the case taken here, as the
    /// one that could go wrong.
    /// </summary>
    public static IEnumerable<(string Node, HookPoint Hook)> Hooks(PacketEndpoint from, PacketEndpoint to)
    {
        if (from.Kind == PacketEndpointKind.Pod)
        {
            if (to.Kind == PacketEndpointKind.Node && to.Node == from.Node)
            {
                yield return (from.Node!, HookPoint.Input);
                yield break;
            }

            yield return (from.Node!, HookPoint.Forward);
        }

        if (to.Node is null || to.Node == from.Node)
        {
            yield break;
        }

        yield return (to.Node, to.Kind == PacketEndpointKind.Node ? HookPoint.Input : HookPoint.Forward);
    }
}
