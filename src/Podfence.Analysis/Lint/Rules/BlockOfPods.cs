using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>An ipBlock that matches pods.</summary>
internal sealed class BlockOfPods() : LintRule("PF012", "block-of-pods", LintSeverity.Warning)
{
    public override string Summary => "An ipBlock matches pod IPs.";

    public override string Why =>
        """
            A pod gets a new IP each time it starts, and its old IP goes to another pod: a block inside a pod range admits
            whichever pod has the IP at the time. ipBlock is intended for external addresses. A block that contains a pod
            range and more, such as 0.0.0.0/0, also matches the pods of that range, which is easy to overlook; that is an
            info. Needs the podCIDRs of nodes in the input.
            """;

    public override string Fix => "select pods with podSelector and namespaceSelector";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        var ranges = context
            .State.Nodes.Values.SelectMany(static node => node.PodCidrs)
            .Distinct()
            .OrderBy(static cidr => cidr.Network)
            .ToList();
        foreach (var rule in ranges.Count > 0 ? context.Rules : [])
        {
            foreach (var (block, field) in rule.Peers<IpBlockPeer>())
            {
                if (ranges.Exists(range => range.Contains(block.Cidr)))
                {
                    yield return At(
                        context,
                        rule.Policy,
                        $"{field}.ipBlock",
                        $"{block.Cidr} is in a pod range ({ranges.Find(range => range.Contains(block.Cidr))}): it "
                            + $"matches any pod that gets such an IP"
                    );
                }
                else if (
                    ranges
                        .Where(range =>
                            block.Cidr.Contains(range) && AddressSet.Of(range).Without(AddressSet.Of(block)).IsEmpty
                        )
                        .ToList() is
                    { Count: > 0 } held
                )
                {
                    var also =
                        held.Count == 1
                            ? held[0].ToString()
                            : $"{held[0]} and {held.Count - 1} more pod {(held.Count == 2 ? "range" : "ranges")}";
                    yield return At(
                        context,
                        rule.Policy,
                        $"{field}.ipBlock",
                        $"{block.Cidr} also matches the pods of {also}",
                        $"to match external addresses only: except: "
                            + $"[{string.Join(", ", held.Take(3))}{(held.Count > 3 ? ", ..." : "")}]",
                        LintSeverity.Info
                    );
                }
            }
        }
    }
}
