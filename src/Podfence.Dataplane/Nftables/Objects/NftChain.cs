using Podfence.Base;

namespace Podfence.Dataplane.Nftables;

/// <summary>A chain with its rules.</summary>
/// <param name="Name">
/// Unique in the table; letters, digits, <c>/ - _ .</c>, beginning with a letter; see <see cref="NftLimits"/>.
/// </param>
/// <param name="Hook">The hook of a base chain; null for other chains.</param>
/// <param name="Rules">In order.</param>
/// <param name="Comment">For people; the driver cuts it to nft's limit of 128 bytes with the closing zero.</param>
public sealed record NftChain(string Name, NftHook? Hook, EquatableArray<NftRule> Rules, string? Comment = null);

/// <summary>A rule: all statements in turn.</summary>
/// <param name="Statements">Matches, then a verdict.</param>
/// <param name="Comment">For people; cut like the chain's.</param>
public sealed record NftRule(EquatableArray<NftStatement> Statements, string? Comment = null)
{
    /// <summary>What the rule was lowered from; null for rules that are the same on every node. Not compared.</summary>
    public RuleSource? Source { get; init; }

    /// <summary>Whether both are the same rule to the kernel, whatever they were lowered from.</summary>
    public bool Equals(NftRule? other) =>
        other is not null && Statements == other.Statements && Comment == other.Comment;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Statements, Comment);
}

/// <summary>The hook of a base chain of type filter and policy accept.</summary>
/// <param name="Point">The hook.</param>
/// <param name="Priority">Order among the chains of the hook: 0 is where iptables' filter table is.</param>
public sealed record NftHook(HookPoint Point, int Priority);

/// <summary>The hooks that Podfence uses; the values are the kernel's.</summary>
public enum HookPoint : byte
{
    /// <summary>Packets for this host.</summary>
    Input = 1,

    /// <summary>Forwarded packets, including bridged ones where bridge netfilter is on.</summary>
    Forward = 2,
}
