using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>An ipBlock that means pods.</summary>
internal sealed class BlockOfPods() : LintRule("PF012", "block-of-pods", LintSeverity.Warning)
{
    public override string Summary => "An ipBlock means addresses of pods.";

    public override string Why => """
        Pods get another address every time they start, and an address that belongs to one pod today is another's tomorrow: a block inside a pod range admits whoever comes to have it. ipBlock is for addresses outside the cluster.
        A block that holds a pod range and more, such as 0.0.0.0/0, means the pods of the range too, which often goes unnoticed; that is an info. Needs podCIDRs of nodes in the input.
        """;

    public override string Fix => "select pods by podSelector and namespaceSelector";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        var ranges = context.State.Nodes.Values.SelectMany(static node => node.PodCidrs).Distinct().OrderBy(static cidr => cidr.Network).ToList();
        foreach (var rule in ranges.Count > 0 ? context.Rules : [])
        {
            foreach (var (block, field) in rule.Peers<IpBlockPeer>())
            {
                if (ranges.Exists(range => range.Contains(block.Cidr)))
                {
                    yield return At(context, rule.Policy, $"{field}.ipBlock", $"{block.Cidr} is in a range of pods ({ranges.Find(range => range.Contains(block.Cidr))}): whoever gets such an address is meant");
                }
                else if (ranges.Where(range => block.Cidr.Contains(range) && AddressSet.Of(range).Without(AddressSet.Of(block)).IsEmpty).ToList() is { Count: > 0 } held)
                {
                    var also = held.Count == 1 ? held[0].ToString() : $"{held[0]} and {held.Count - 1} more pod {(held.Count == 2 ? "range" : "ranges")}";
                    yield return At(context, rule.Policy, $"{field}.ipBlock", $"{block.Cidr} means the pods of {also} too", $"if only addresses outside the cluster are meant: except: [{string.Join(", ", held.Take(3))}{(held.Count > 3 ? ", ..." : "")}]", LintSeverity.Info);
                }
            }
        }
    }
}
