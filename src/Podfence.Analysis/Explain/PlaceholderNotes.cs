using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Notes where a verdict depends on an IP that the input does not state.</summary>
internal static class PlaceholderNotes
{
    public static IEnumerable<string> Of(Cluster cluster, Verdict verdict) =>
        Of(cluster, verdict.Egress, verdict.Flow.Destination).Concat(Of(cluster, verdict.Ingress, verdict.Flow.Source));

    private static IEnumerable<string> Of(Cluster cluster, SideVerdict side, FlowEndpoint peer)
    {
        if (
            !cluster.IsPlaceholder(peer.Address)
            || side.Matches.Any(static match =>
                match.Peer.Index is not { } index || match.Rule.Peers[index] is SelectorPeer
            )
        )
        {
            yield break;
        }

        // A rule with matching ports and an ipBlock: with another IP the verdict may differ.
        var rule = side.Rules.FirstOrDefault(rule =>
            rule.Port.Found
            && rule.Rule.Peers.Any(item =>
                item is IpBlockPeer block && block.Cidr.Family == peer.Address.Family && MayVary(block)
            )
        );
        if (rule is not null)
        {
            var name = peer.Node is { } node ? $"node {node}" : peer.Pod?.ToString() ?? peer.Address.ToString();
            yield return $"{name} has no IP in the input. Whether the ipBlock of {rule.Policy.Key} {rule.Field} "
                + $"matches it depends on that IP (assumed: one from the {(peer.Node is null ? "pod" : "node")} "
                + $"network).";
        }
    }

    // 0.0.0.0/0 matches every IP.
    private static bool MayVary(IpBlockPeer block) => block.Cidr.PrefixLength > 0 || !block.Except.IsEmpty;
}
