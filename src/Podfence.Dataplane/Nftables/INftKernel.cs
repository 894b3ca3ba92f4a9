namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Carries transactions to nf_tables: the kernel over netlink, or in tests a fake that executes them in memory.
/// </summary>
public interface INftKernel : IDisposable
{
    /// <summary>Runs all operations in one atomic transaction.</summary>
    /// <exception cref="DataplaneException">It was rejected; nothing has changed.</exception>
    void Run(IReadOnlyList<NftOperation> operations);

    /// <summary>
    /// Waits until no packet is in flight that has looked anything up before the last transaction. Takes a grace period
    /// of the kernel, some tens of milliseconds, so it is for the few changes whose two transactions one packet must
    /// not straddle.
    /// </summary>
    void WaitForPackets();

    /// <summary>Reads Podfence's table, and no other; null where there is none.</summary>
    /// <exception cref="DataplaneException">It could not be read.</exception>
    NftTable? Read();

    /// <summary>
    /// The generation of the packet filter of this network namespace: it changes with every transaction of any program.
    /// </summary>
    uint Generation();
}
