using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;

namespace Podfence.Dataplane;

/// <summary>Opens dataplanes, and sweeps away what others have left.</summary>
public static class Dataplanes
{
    /// <summary>
    /// Opens one. After its first replacement it removes what the other dataplanes have left on the node: until then both are in force, so that switching from one to
    /// another opens nothing.
    /// </summary>
    /// <param name="kind">Which one.</param>
    /// <param name="place">The network namespace; that of the process by default.</param>
    /// <param name="time">Limits the runs of programs and paces looks for drift.</param>
    /// <exception cref="DataplaneException">The kernel or the programs that it needs are not there.</exception>
    public static IDataplane Open(DataplaneKind kind, INetworkNamespace? place = null, TimeProvider? time = null)
    {
        place ??= new CurrentNamespace();
        var tools = new ToolRunner(place, time);
        if (kind is DataplaneKind.Nftables || (kind is DataplaneKind.Auto && HasNftables(place)))
        {
            return new SweepingDataplane(new NftablesDataplane(place.Run(static () => NetlinkKernel.Open())), () => IptablesCleanup.Remove(tools, place));
        }

        var variant = kind switch
        {
            DataplaneKind.IptablesNft => IptablesVariant.Nft,
            DataplaneKind.IptablesLegacy => IptablesVariant.Legacy,
            _ => IptablesVariants.Detect(tools, place),
        };
        return new SweepingDataplane(
            new IptablesDataplane(new IptablesTools(tools, variant, place), time),
            () =>
            {
                IptablesCleanup.Remove(tools, place, variant == IptablesVariant.Nft ? IptablesVariant.Legacy : IptablesVariant.Nft);
                RemoveNftables(place);
            });
    }

    /// <summary>Removes all and only what any of them has left on the node.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    public static void Cleanup(INetworkNamespace? place = null)
    {
        place ??= new CurrentNamespace();
        RemoveNftables(place);
        IptablesCleanup.Remove(new ToolRunner(place), place);
    }

    private static bool HasNftables(INetworkNamespace place)
    {
        try
        {
            using var kernel = place.Run(static () => NetlinkKernel.Open());
            _ = kernel.Generation();
            return true;
        }
        catch (DataplaneException)
        {
            return false;
        }
    }

    private static void RemoveNftables(INetworkNamespace place)
    {
        if (HasNftables(place))
        {
            using var kernel = place.Run(static () => NetlinkKernel.Open());
            if (kernel.Read() is not null)
            {
                kernel.Run([new AddTable(), new DeleteTable()]);
            }
        }
    }
}
