using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;

namespace Podfence.Dataplane;

/// <summary>Opens dataplanes and removes the rules of all of them.</summary>
public static class Dataplanes
{
    /// <summary>
    /// Opens a dataplane. After its first replacement it removes the rules of the other dataplanes on the node: until
    /// then both are in force, so that switching from one to another opens nothing.
    /// </summary>
    /// <param name="kind">Which one.</param>
    /// <param name="netns">The network namespace; that of the process by default.</param>
    /// <param name="time">Limits the runs of programs and paces drift checks.</param>
    /// <exception cref="DataplaneException">The kernel lacks support, or the programs are not installed.</exception>
    public static IDataplane Open(DataplaneKind kind, INetworkNamespace? netns = null, TimeProvider? time = null)
    {
        netns ??= new CurrentNamespace();
        var tools = new ToolRunner(netns, time);
        if (kind is DataplaneKind.Nftables || (kind is DataplaneKind.Auto && HasNftables(netns)))
        {
            return new CleanupAfterSwitch(new NftablesDataplane(netns.Run(static () => NetlinkKernel.Open())), () =>
                IptablesCleanup.Remove(tools, netns)
            );
        }

        var variant = kind switch
        {
            DataplaneKind.IptablesNft => IptablesVariant.Nft,
            DataplaneKind.IptablesLegacy => IptablesVariant.Legacy,
            _ => IptablesVariants.Detect(tools, netns),
        };
        return new CleanupAfterSwitch(new IptablesDataplane(new IptablesTools(tools, variant, netns), time), () =>
        {
            IptablesCleanup.Remove(
                tools,
                netns,
                variant == IptablesVariant.Nft ? IptablesVariant.Legacy : IptablesVariant.Nft
            );
            RemoveNftables(netns);
        });
    }

    /// <summary>Removes the rules of all dataplanes on the node, and nothing else.</summary>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    public static void Cleanup(INetworkNamespace? netns = null)
    {
        netns ??= new CurrentNamespace();
        RemoveNftables(netns);
        IptablesCleanup.Remove(new ToolRunner(netns), netns);
    }

    private static bool HasNftables(INetworkNamespace netns)
    {
        try
        {
            using var kernel = netns.Run(static () => NetlinkKernel.Open());
            _ = kernel.Generation();
            return true;
        }
        catch (DataplaneException)
        {
            return false;
        }
    }

    private static void RemoveNftables(INetworkNamespace netns)
    {
        if (HasNftables(netns))
        {
            using var kernel = netns.Run(static () => NetlinkKernel.Open());
            if (kernel.Read() is not null)
            {
                kernel.Run([new AddTable(), new DeleteTable()]);
            }
        }
    }
}
