using Podfence.Base;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A rule that lets everyone through.</summary>
internal sealed class AllowsEverything() : LintRule("PF016", "allows-everything", LintSeverity.Info)
{
    public override string Summary => "A rule allows everyone on every port.";

    public override string Why => """
        The rule `{}` admits pods, nodes and the whole world on every port of every protocol, so that for its pods no other policy of the direction matters. That is a usual way to say `no restriction here`, and a usual accident: a list
        that was left empty. An info, because nobody but you knows which.
        """;

    public override string Fix => "if it is meant, silence it here; else say from whom, to whom or on which ports";

    internal override IEnumerable<LintFinding> Check(LintContext context) =>
        from rule in context.Rules
        where rule.Rule.Ports.IsEmpty && (rule.Rule.Peers.IsEmpty || IsEveryAddress(rule.Rule.Peers))
        select At(context, rule.Policy, rule.Field, $"the rule allows everyone on every port: {(rule.Direction == Direction.Ingress ? "anybody may connect to these pods" : "these pods may connect to anybody")}, whatever other policies say");

    private static bool IsEveryAddress(EquatableArray<PolicyPeer> peers) =>
        IpFamilies.All.All(family => peers.OfType<IpBlockPeer>().Any(block => block is { Cidr.PrefixLength: 0, Except.IsEmpty: true } && block.Cidr.Family == family));
}
