namespace Podfence.Dataplane.Nftables;

/// <summary>What carries transactions to nf_tables: the kernel over netlink, or the fake that executes them in memory.</summary>
public interface INftKernel : IDisposable
{
    /// <summary>Does all operations in one atomic transaction.</summary>
    /// <exception cref="DataplaneException">It was refused; nothing has changed.</exception>
    void Run(IReadOnlyList<NftOperation> operations);

    /// <summary>
    /// Waits until no packet is under way that has looked anything up before the last transaction. Takes a grace period of the kernel, some tens of milliseconds, so it is for the few
    /// changes whose two transactions one packet must not straddle.
    /// </summary>
    void WaitForPackets();

    /// <summary>Reads our own table, and only ours; null where there is none.</summary>
    /// <exception cref="DataplaneException">It could not be read.</exception>
    NftTable? Read();

    /// <summary>The generation of the packet filter of this network namespace: it differs after any transaction by anybody.</summary>
    uint Generation();
}

/// <summary>Our table as it is.</summary>
/// <param name="Chains">Chains with their rules by name. A rule that is not one of ours comes as an <see cref="ForeignStatement"/>.</param>
/// <param name="Sets">Sets and maps by name, with their elements.</param>
public sealed record NftTable(IReadOnlyDictionary<string, NftChain> Chains, IReadOnlyDictionary<string, NftSetContent> Sets);

/// <summary>A set with its elements.</summary>
/// <param name="Set">The set.</param>
/// <param name="Elements">All elements.</param>
public sealed record NftSetContent(NftSet Set, IReadOnlyCollection<NftElement> Elements);

/// <summary>A statement that we would never write, found on reading back.</summary>
/// <param name="Description">What is known of it.</param>
public sealed record ForeignStatement(string Description) : NftStatement;
