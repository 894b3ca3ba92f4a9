using Podfence.Analysis;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>Whose rules to print, and how.</summary>
/// <param name="Node">The node; null for that of the pod, or the only one.</param>
/// <param name="Pod">The pod, or null for all of the node.</param>
/// <param name="AssignIps">Whether pods without an IP or a node are given one.</param>
internal sealed record RenderQuestion(string? Node, PodKey? Pod, bool AssignIps)
{
    // The node that pods are assigned to if the input has none.
    private const string SomeNode = "node";

    public DataplaneKind Dataplane { get; init; }

    public RenderFormat Format { get; init; }

    public RenderPart? Part { get; init; }

    public CompilerOptions Compiler { get; init; } = new();

    /// <summary>A pod as it is named on the command line.</summary>
    public static PodKey Key(string text, string @namespace)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new PodKey(@namespace, text) : new PodKey(text[..slash], text[(slash + 1)..]);
    }

    /// <summary>Rejects options that exclude each other.</summary>
    public void Check()
    {
        if (Part is not null && (Dataplane == DataplaneKind.Nftables || Format == RenderFormat.Json))
        {
            throw new CliException("--part needs --dataplane iptables, without -o json");
        }
    }

    /// <summary>Compiles the node's rules.</summary>
    public RenderedNode Compile(Cluster cluster)
    {
        var pod = Pod is { } key
            ? cluster.State.FindPod(key)
                ?? throw new CliException(
                    $"there is no pod {key}: 'podfence explain' takes the same names, and kubectl get pods -A "
                        + $"lists them"
                )
            : null;
        var node = NodeOf(cluster, pod);
        var input = AssignIps ? RenderInput.WithPlaceholders(cluster, node) : RenderInput.WithoutPlaceholders(cluster);
        var addresses = pod is null ? null : AddressesOf(cluster.State, pod.Key);
        var ruleset = new NodeCompiler(cluster.State, node, Compiler).Snapshot();
        return new RenderedNode(
            node,
            pod?.Key,
            addresses,
            input,
            cluster.State,
            ruleset,
            new RuleProvenance(cluster.State, ruleset, Compiler)
        );
    }

    /// <summary>Prints them.</summary>
    public string Write(RenderedNode node) =>
        Dataplane == DataplaneKind.Nftables ? NftRendering.Write(this, node) : IptRendering.Write(this, node);

    private string NodeOf(Cluster cluster, Pod? pod)
    {
        var nodes = cluster.State.Nodes.Keys.Order(StringComparer.Ordinal).ToList();
        if (pod is not null)
        {
            if (pod.HostNetwork)
            {
                throw new CliException($"{pod.Key} is a host-network pod of node {pod.NodeName}: it has no fence");
            }

            if (Node is not null && pod.NodeName is not null && Node != pod.NodeName)
            {
                throw new CliException($"{pod.Key} is on node {pod.NodeName}: leave --node out");
            }

            return pod.NodeName
                ?? (
                    AssignIps
                        ? Node ?? nodes.FirstOrDefault() ?? SomeNode
                        : throw new CliException(
                            $"{pod.Key} has no node: add spec.nodeName and status.podIPs to the manifest, or "
                                + $"--assign-ips to see what its rules would be"
                        )
                );
        }

        if (Node is not null)
        {
            return nodes.Contains(Node) || (AssignIps && nodes.Count == 0)
                ? Node
                : throw new CliException(
                    $"there is no node {Node}: "
                        + $"{(nodes.Count == 0 ? Unknown : $"the nodes are {string.Join(", ", nodes)}")}"
                );
        }

        return nodes.Count switch
        {
            1 => nodes[0],
            0 => AssignIps ? SomeNode : throw new CliException($"the input has no node: {Unknown}"),
            _ => throw new CliException($"specify --node ({string.Join(", ", nodes)}) or --pod"),
        };
    }

    private const string Unknown =
        "add the Node, or spec.nodeName and status.podIPs to its pods, or --assign-ips to see what the rules would be";

    private static List<IpAddress> AddressesOf(ClusterState state, PodKey key) =>
        state.FindPod(key) is { Addresses.IsEmpty: false } pod
            ? [.. pod.Addresses]
            : throw new CliException(
                $"{key} has no IP: add status.podIPs to the manifest, or --assign-ips to see what its rules would be"
            );
}

/// <summary>A node's rules, before they are lowered to a packet filter.</summary>
/// <param name="Node">The node.</param>
/// <param name="Pod">The pod that is asked about, or null.</param>
/// <param name="Addresses">Its addresses, or null.</param>
/// <param name="Input">Pods that are not in the rules, or that were given an IP or a node.</param>
/// <param name="State">What the rules were compiled from.</param>
/// <param name="Ruleset">The rules.</param>
/// <param name="Origins">Finds the policies' lines.</param>
internal sealed record RenderedNode(
    string Node,
    PodKey? Pod,
    IReadOnlyList<IpAddress>? Addresses,
    RenderInput Input,
    ClusterState State,
    Ruleset Ruleset,
    RuleProvenance Origins
);
