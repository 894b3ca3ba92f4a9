using Podfence.Base;

namespace Podfence.Dataplane.Nftables;

/// <summary>A chain with its rules.</summary>
/// <param name="Name">Unique in the table; letters, digits, <c>/ - _ .</c>, beginning with a letter; see <see cref="NftLimits"/>.</param>
/// <param name="Hook">Where a base chain is called from; null for the others.</param>
/// <param name="Rules">In order.</param>
/// <param name="Comment">For people; the driver cuts it to the kernel tools' limit of 128 bytes with the closing zero.</param>
public sealed record NftChain(string Name, NftHook? Hook, EquatableArray<NftRule> Rules, string? Comment = null);

/// <summary>A rule: all statements in turn.</summary>
/// <param name="Statements">Matches, then a verdict.</param>
/// <param name="Comment">For people; cut like the chain's.</param>
public sealed record NftRule(EquatableArray<NftStatement> Statements, string? Comment = null);

/// <summary>Where a base chain of type filter and policy accept is called from.</summary>
/// <param name="Point">The hook.</param>
/// <param name="Priority">Order among the chains of the hook: 0 is where iptables' filter table is.</param>
public sealed record NftHook(HookPoint Point, int Priority);

/// <summary>The hooks we use; the values are the kernel's.</summary>
public enum HookPoint : byte
{
    /// <summary>Packets for this host.</summary>
    Input = 1,

    /// <summary>Packets that pass through, bridged ones included where bridge netfilter is on.</summary>
    Forward = 2,
}
