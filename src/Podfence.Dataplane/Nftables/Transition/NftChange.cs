namespace Podfence.Dataplane.Nftables;

/// <summary>
/// A change of Podfence's table as up to three transactions, in this order: preparation, isolation, switch. The
/// preparation has no effect on packets.
/// </summary>
/// <param name="Preparation">
/// Creates sets and chains that nothing references yet. Empty where there are none, or where the isolation creates
/// them.
/// </param>
/// <param name="Switch">
/// Puts the change into force in one step and removes what is no longer needed. Empty where nothing else changes.
/// </param>
public sealed record NftChange(IReadOnlyList<NftOperation> Preparation, IReadOnlyList<NftOperation> Switch)
{
    /// <summary>
    /// Attaches fences to addresses that had none, and creates these fences where they are new. It allows nothing, so
    /// it precedes a switch that detaches fences from other addresses. Empty where the change does neither.
    /// </summary>
    public IReadOnlyList<NftOperation> Isolation { get; init; } = [];

    /// <summary>
    /// Whether pod IPs become known or unknown. A packet that sees the pod IP as it was and its fence as it is two
    /// transactions later (or the other way round) would meet neither of the two that deny it, and the connection it
    /// opens would stay. So no packet may be in flight across more than one transaction.
    /// </summary>
    public bool ConcernsUnknown =>
        Isolation
            .Concat(Switch)
            .Any(static operation =>
                operation switch
                {
                    AddElements add => UnknownPodIpLayout.Contains(add.Set),
                    DeleteElements delete => UnknownPodIpLayout.Contains(delete.Set),
                    _ => false,
                }
            );
}
