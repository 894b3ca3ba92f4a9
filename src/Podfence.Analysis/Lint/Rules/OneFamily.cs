using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>All addresses of one family, on a cluster of two.</summary>
internal sealed class OneFamily() : LintRule("PF015", "one-family", LintSeverity.Warning)
{
    public override string Summary => "A rule matches all addresses of one family, and the cluster has two.";

    public override string Why =>
        """
            0.0.0.0/0 is every IPv4 address and no IPv6 address; ::/0 is the reverse. A policy isolates pods in both
            families whatever its blocks are, so on a dual-stack cluster the other family stays closed. Needs to know that
            the cluster is dual-stack: addresses or podCIDRs of both families in the input.
            """;

    public override string Fix => "add an item for the other family";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        var stated = context
            .State.Pods.SelectMany(static pod => pod.Addresses)
            .Where(address => !context.Cluster.IsPlaceholder(address))
            .Select(static address => address.Family)
            .Concat(
                context.State.Nodes.Values.SelectMany(static node => node.PodCidrs).Select(static cidr => cidr.Family)
            )
            .ToHashSet();
        foreach (var rule in stated.Count > 1 ? context.Rules : [])
        {
            foreach (
                var (block, field) in rule.Peers<IpBlockPeer>().Where(static item => item.Peer.Cidr.PrefixLength == 0)
            )
            {
                var other = block.Cidr.Family == IpFamily.IPv4 ? IpFamily.IPv6 : IpFamily.IPv4;
                // Other blocks of the family, or a rule for every peer, show that the author has considered it.
                var isConsidered = RuleAt
                    .Of(rule.Policy, rule.Direction)
                    .Any(item =>
                        item.Rule.Peers.IsEmpty || item.Peers<IpBlockPeer>().Any(peer => peer.Peer.Cidr.Family == other)
                    );
                if (!isConsidered)
                {
                    var missing = other == IpFamily.IPv4 ? "0.0.0.0/0" : "::/0";
                    yield return At(
                        context,
                        rule.Policy,
                        $"{field}.ipBlock.cidr",
                        $"{block.Cidr} is every {block.Cidr.Family} address and no {other} address, and the "
                            + $"cluster has both",
                        $"add an item: {{ipBlock: {{cidr: {(other == IpFamily.IPv6 ? $"\"{missing}\"" : missing)}}}}}"
                    );
                }
            }
        }
    }
}
