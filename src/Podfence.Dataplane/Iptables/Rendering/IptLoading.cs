using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>The scripts that load rules into a kernel without rules of Podfence's.</summary>
/// <param name="Ipset">Input of <c>ipset restore</c>, which comes first.</param>
/// <param name="Tables">Input of <c>iptables-restore --noflush</c> and <c>ip6tables-restore --noflush</c>.</param>
public sealed record IptLoading(IpsetScript Ipset, IReadOnlyDictionary<IpFamily, TableScript> Tables)
{
    /// <summary>The same scripts that the dataplane runs when it finds no rules.</summary>
    public static IptLoading Of(IptRuleset ruleset)
    {
        var steps = ReplacePlan.Make(IptSnapshot.Empty, ruleset);
        return new IptLoading(
            steps.OfType<SetStep>().Single().Script,
            steps.OfType<TableStep>().ToDictionary(static step => step.Family, static step => step.Script)
        );
    }
}
