namespace Podfence.Dataplane.Iptables;

/// <summary>Removes all of Podfence's rules: jumps and chains in one transaction per family, then the sets.</summary>
internal static class CleanupPlan
{
    /// <summary>The steps.</summary>
    /// <param name="actual">The rules in the kernel.</param>
    /// <param name="keepSets">Whether sets stay, as another variant's rules match them.</param>
    public static IReadOnlyList<IptStep> Make(IptSnapshot actual, bool keepSets = false)
    {
        var plan = new IptPlan();
        plan.Add(family =>
        {
            var script = new TableScript();
            foreach (var jump in actual.Tables[family].Jumps)
            {
                script.Remove(jump.Hook, jump.Line);
            }

            foreach (var name in actual.Tables[family].Chains.Keys.Order(StringComparer.Ordinal))
            {
                script.Delete(name);
            }

            return script;
        });
        if (!keepSets)
        {
            var sets = new IpsetScript();
            foreach (var name in actual.Sets.Keys.Order(StringComparer.Ordinal))
            {
                sets.Destroy(name);
            }

            plan.Add(sets);
        }

        return plan.Steps;
    }
}
