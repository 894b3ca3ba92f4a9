namespace Podfence.Dataplane.Iptables;

/// <summary>Finds and removes the rules of the iptables dataplane, in either variant.</summary>
internal static class IptablesCleanup
{
    /// <summary>Removes chains and jumps of both variants, then the sets.</summary>
    /// <exception cref="DataplaneException">A program failed.</exception>
    public static void Remove(IToolRunner tools, INetworkNamespace netns)
    {
        // Sets are created first and removed last: without a set of Podfence's there are no rules either, and no need
        // to read the tables.
        if (!HasSets(tools))
        {
            return;
        }

        Remove(tools, netns, IptablesVariant.Nft);
        Remove(tools, netns, IptablesVariant.Legacy);
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
    /// <exception cref="DataplaneException">A program failed.</exception>
    public static void Remove(IToolRunner tools, INetworkNamespace netns, IptablesVariant variant)
    {
        if (
            !IptablesVariants.IsInstalled(tools, variant)
            || (variant == IptablesVariant.Legacy && !IptablesVariants.LegacyHas(netns, "filter"))
        )
        {
            return;
        }

        using var iptables = new IptablesTools(tools, variant, netns);
        foreach (var step in CleanupPlan.Make(iptables.Read(), keepSets: true).OfType<TableStep>())
        {
            iptables.RestoreTable(step.Family, step.Script.ToString());
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
