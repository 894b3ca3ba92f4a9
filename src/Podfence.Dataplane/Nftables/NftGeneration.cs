namespace Podfence.Dataplane.Nftables;

/// <summary>
/// How the packet filter's generation counts: nf_tables_commit adds one for every transaction that changes anything, in
/// any table of the network namespace, and skips 0 on overflow.
/// </summary>
public static class NftGeneration
{
    /// <summary>The generation after one more transaction.</summary>
    public static uint Next(uint generation) => generation == uint.MaxValue ? 1 : generation + 1;
}
