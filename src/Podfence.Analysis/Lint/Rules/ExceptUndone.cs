using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>An exception that another peer matches.</summary>
internal sealed class ExceptUndone() : LintRule("PF014", "except-undone", LintSeverity.Warning)
{
    public override string Summary =>
        "Addresses that an ipBlock excepts are matched by another block for the same pods.";

    public override string Why =>
        """
            `except` does not deny anything. It only says which addresses its own block does not match; what another peer,
            rule or policy allows for the same pods is allowed. The rule reports an exception if another ipBlock matches all
            of its addresses, on all ports of the rule.
            """;

    public override string Fix => "except the addresses there too; nothing can deny what another rule allows";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            foreach (var (block, field) in rule.Peers<IpBlockPeer>().Where(static item => !item.Peer.Except.IsEmpty))
            {
                for (var i = 0; i < block.Except.Count; i++)
                {
                    if (Undoing(context, rule, block, block.Except[i]) is { } undoing)
                    {
                        yield return At(
                            context,
                            rule.Policy,
                            $"{field}.ipBlock.except[{i}]",
                            $"{block.Except[i]} is excepted here, but {undoing} matches it: an exception denies nothing"
                        );
                    }
                }
            }
        }
    }

    private static string? Undoing(LintContext context, RuleAt rule, IpBlockPeer block, Cidr hole)
    {
        var others =
            from policy in context.IsolatingIn(rule.Policy.Key.Namespace, rule.Direction)
            where SelectorLogic.ImpliesSubject(rule.Policy.PodSelector, policy.PodSelector)
            from other in RuleAt.Of(policy, rule.Direction)
            where
                rule.Rule.Ports.IsEmpty
                    ? other.Rule.Ports.IsEmpty
                    : rule.Rule.Ports.All(port => RuleLogic.Covers(other.Rule.Ports, port))
            from item in other.Peers<IpBlockPeer>()
            where !ReferenceEquals(item.Peer, block) && AddressSet.Of(hole).Without(AddressSet.Of(item.Peer)).IsEmpty
            select $"{(policy.Key == rule.Policy.Key ? "" : $"policy {policy.Key.Name}, ")}{item.Field} "
                + $"({item.Peer.Cidr})";
        return others.FirstOrDefault();
    }
}
