using Podfence.Analysis;
using Podfence.Base;
using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>Comments on rules, sets and elements.</summary>
internal sealed class RenderNotes(RenderedNode node)
{
    private const int Listed = 12;

    /// <summary>What the output is, and what is not in it.</summary>
    /// <param name="loading">How it is loaded.</param>
    public IEnumerable<string> Header(string loading)
    {
        yield return node.Pod is { } pod
            ? $"The rules that packets of pod {pod} ({string.Join(", ", node.Addresses!)}) can reach on node "
                + $"{node.Node}: its fences and the dispatch to them, as podfence loads them."
            : $"The fences of node {node.Node}, as podfence loads them: "
                + $"{node.Ruleset.Endpoints.Values.DistinctBy(static endpoint => endpoint.Pod).Count()} pods are "
                + $"fenced.";
        yield return loading;
        if (node.Input.PlaceholderIp.Count > 0)
        {
            yield return $"PLACEHOLDER IPs, because the input has none: "
                + $"{List(node.Input.PlaceholderIp.Select(key => $"{key} {string.Join(' ', node.State.FindPod(key)!.Addresses)}"))}";
        }

        if (node.Input.AssignedNode.Count > 0)
        {
            yield return $"ASSIGNED to node {node.Node}, because the input has no node: "
                + $"{List(node.Input.AssignedNode.Select(static key => key.ToString()))}";
        }

        if (node.Input.WithoutIp.Count > 0)
        {
            yield return $"No IP, and therefore in no rule: "
                + $"{List(node.Input.WithoutIp.Select(static key => key.ToString()))}. Add status.podIPs, or "
                + $"--assign-ips.";
        }

        if (node.Input.WithoutNode.Count > 0)
        {
            yield return $"No node, and therefore not fenced: "
                + $"{List(node.Input.WithoutNode.Select(static key => key.ToString()))}. Add spec.nodeName, or "
                + $"--assign-ips.";
        }
    }

    /// <summary>The policies' lines that a rule or element comes from.</summary>
    public IReadOnlyList<PolicyLine> Lines(object made)
    {
        if (SourceOf(made) is not { } source)
        {
            return [];
        }

        return source.Rule is { } rule
            ? [.. node.Origins.Of(source.Fence, rule, source.Ports).SelectMany(PolicyLine.Of)]
            :
            [
                .. source
                    .Fence.Policies.Select(node.State.FindPolicy)
                    .OfType<NetworkPolicy>()
                    .Select(policy => PolicyLine.Isolation(policy, source.Fence.Direction)),
            ];
    }

    private static RuleSource? SourceOf(object lowered) =>
        lowered switch
        {
            NftRule rule => rule.Source,
            NftElement element => element.Source,
            IptRule rule => rule.Source,
            _ => null,
        };

    /// <summary>The same as text.</summary>
    public IEnumerable<string> Comments(object made)
    {
        var lines = Lines(made);
        return lines.Count <= Listed
            ? lines.Select(static line => line.ToString())
            : [.. lines.Take(Listed).Select(static line => line.ToString()), $"and {lines.Count - Listed} more"];
    }

    /// <summary>The pod that owns an address.</summary>
    public string? Owner(IpAddress address) => node.State.OwnerOf(address)?.Key.ToString();

    /// <summary>The pods of a fence.</summary>
    public string PodsOf(Fence fence) =>
        List(
            node.Ruleset.Endpoints.Where(endpoint => endpoint.Value.Fence(fence.Direction) == fence.Name)
                .OrderBy(static endpoint => endpoint.Value.Pod)
                .Select(static endpoint => $"{endpoint.Value.Pod} ({endpoint.Key})")
        );

    /// <summary>The first items, and the number of the others.</summary>
    public static string List(IEnumerable<string> items) => ListText.Join(items, Listed);
}
