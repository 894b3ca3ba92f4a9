using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Says where a verdict hangs on an address that the input does not state.</summary>
internal static class PlaceholderNotes
{
    public static IEnumerable<string> Of(Cluster cluster, Verdict verdict) =>
        Of(cluster, verdict.Egress, verdict.Flow.Destination).Concat(Of(cluster, verdict.Ingress, verdict.Flow.Source));

    private static IEnumerable<string> Of(Cluster cluster, SideVerdict side, FlowEnd peer)
    {
        if (!cluster.IsInvented(peer.Address) || side.Matches.Any(static match => match.Peer.Index is not { } index || match.Rule.Peers[index] is SelectorPeer))
        {
            yield break;
        }

        // A rule whose ports match and that means addresses: with another address the answer may be another.
        var rule = side.Rules.FirstOrDefault(rule => rule.Port.Found && rule.Rule.Peers.Any(item => item is IpBlockPeer block && block.Cidr.Family == peer.Address.Family && MayVary(block)));
        if (rule is not null)
        {
            var name = peer.Node is { } node ? $"node {node}" : peer.Pod?.ToString() ?? peer.Address.ToString();
            yield return $"The input states no address of {name}. Whether {rule.Field} of {rule.Policy.Key} means it depends on the address it is given; here it is judged as one of the {(peer.Node is null ? "pod" : "node")} network.";
        }
    }

    // Everything is everything, wherever the address lies.
    private static bool MayVary(IpBlockPeer block) => block.Cidr.PrefixLength > 0 || !block.Except.IsEmpty;
}
