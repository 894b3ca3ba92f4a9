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
    public static IDataplane Open(DataplaneKind kind, INetworkPlace? place = null, TimeProvider? time = null)
    {
        place ??= new OwnPlace();
        var tools = new ToolRunner(place, time);
        if (kind is DataplaneKind.Nftables || (kind is DataplaneKind.Auto && HasNftables(place)))
        {
            return new SweepingDataplane(new NftablesDataplane(place.Run(static () => NetlinkKernel.Open())), () => LeftByIptables.Remove(tools, place));
        }

        var variant = kind switch
        {
            DataplaneKind.IptablesNft => XtablesVariant.Nft,
            DataplaneKind.IptablesLegacy => XtablesVariant.Legacy,
            _ => XtablesVariants.Detect(tools, place),
        };
        return new SweepingDataplane(
            new IptablesDataplane(new XtablesTools(tools, variant, place), time),
            () =>
            {
                LeftByIptables.Remove(tools, place, variant == XtablesVariant.Nft ? XtablesVariant.Legacy : XtablesVariant.Nft);
                RemoveNftables(place);
            });
    }

    /// <summary>Removes all and only what any of them has left on the node.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    public static void Cleanup(INetworkPlace? place = null)
    {
        place ??= new OwnPlace();
        RemoveNftables(place);
        LeftByIptables.Remove(new ToolRunner(place), place);
    }

    private static bool HasNftables(INetworkPlace place)
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

    private static void RemoveNftables(INetworkPlace place)
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
