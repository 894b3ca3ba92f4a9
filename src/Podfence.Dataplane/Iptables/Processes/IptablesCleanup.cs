namespace Podfence.Dataplane.Iptables;

/// <summary>Finds and removes what a dataplane over iptables has left, in either variant.</summary>
internal static class IptablesCleanup
{
    /// <summary>Removes chains and jumps of both variants, then the sets.</summary>
    /// <exception cref="DataplaneException">A program refused.</exception>
    public static void Remove(IToolRunner tools, INetworkNamespace place)
    {
        // Sets are made first and removed last: without a set of ours there is nothing of ours, and no need to look at anybody's tables.
        if (!HasSets(tools))
        {
            return;
        }

        Remove(tools, place, IptablesVariant.Nft);
        Remove(tools, place, IptablesVariant.Legacy);
        var names = SaveParser.ReadSets(Output(tools, "ipset", ["save"])).Keys.Order(StringComparer.Ordinal);
        var script = new IpsetScript();
        foreach (var name in names)
        {
            script.Destroy(name);
        }

        var text = script.ToString();
        var result = tools.Run("ipset", ["restore"], text);
        if (result.ExitCode != 0)
        {
            throw ToolFailure.Of("ipset", result, text);
        }
    }

    /// <summary>Removes chains and jumps of one variant.</summary>
    /// <exception cref="DataplaneException">A program refused.</exception>
    public static void Remove(IToolRunner tools, INetworkNamespace place, IptablesVariant variant)
    {
        if (!IptablesVariants.IsInstalled(tools, variant) || (variant == IptablesVariant.Legacy && !IptablesVariants.LegacyHas(place, "filter")))
        {
            return;
        }

        using var xtables = new IptablesTools(tools, variant, place);
        foreach (var step in CleanupPlan.Make(xtables.Read(), keepSets: true).OfType<TableStep>())
        {
            xtables.RestoreTable(step.Family, step.Script.ToString());
        }
    }

    private static bool HasSets(IToolRunner tools) =>
        tools.Has("ipset") && Output(tools, "ipset", ["list", "-n"]).Split('\n').Any(IptNames.IsOurs);

    private static string Output(IToolRunner tools, string program, string[] arguments)
    {
        var result = tools.Run(program, arguments, "");
        return result.ExitCode == 0 ? result.Output : throw ToolFailure.Of(program, result, "");
    }
}
