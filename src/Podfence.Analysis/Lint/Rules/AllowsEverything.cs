using Podfence.Base;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A rule without restrictions.</summary>
internal sealed class AllowsEverything() : LintRule("PF016", "allows-everything", LintSeverity.Info)
{
    public override string Summary => "A rule allows every source or destination on every port.";

    public override string Why =>
        """
            The rule `{}` matches every pod, every node and every external address, on every port of every protocol, so no
            other policy of that direction has an effect on its pods. It is a common way to write `no restriction here`, and
            a common accident: a list that was left empty. The finding is an info because only the author knows which.
            """;

    public override string Fix => "if it is intended, silence the finding here; otherwise state the peers or the ports";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        from rule in context.Rules
        where rule.Rule.Ports.IsEmpty && (rule.Rule.Peers.IsEmpty || IsEveryAddress(rule.Rule.Peers))
        select At(
            context,
            rule.Policy,
            rule.Field,
            $"the rule allows every peer on every port: "
                + $"{(rule.Direction == Direction.Ingress ? "every source may connect to these pods" : "these pods may connect to every destination")}, regardless of other policies"
        );

    private static bool IsEveryAddress(EquatableArray<PolicyPeer> peers) =>
        IpFamilies.All.All(family =>
            peers
                .OfType<IpBlockPeer>()
                .Any(block => block is { Cidr.PrefixLength: 0, Except.IsEmpty: true } && block.Cidr.Family == family)
        );
}
