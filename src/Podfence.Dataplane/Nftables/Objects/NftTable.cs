namespace Podfence.Dataplane.Nftables;

/// <summary>Podfence's table, as it should be or as it was read back.</summary>
/// <param name="Chains">
/// Chains with their rules by name. A rule that Podfence did not write is read as a <see cref="ForeignStatement"/>.
/// </param>
/// <param name="Sets">Sets and maps by name, with their elements.</param>
public sealed record NftTable(
    IReadOnlyDictionary<string, NftChain> Chains,
    IReadOnlyDictionary<string, NftSetContent> Sets
);

/// <summary>A set with its elements.</summary>
/// <param name="Set">The set.</param>
/// <param name="Elements">All elements.</param>
public sealed record NftSetContent(NftSet Set, IReadOnlyCollection<NftElement> Elements);

/// <summary>One element with the set or map that it belongs in.</summary>
internal readonly record struct SetMember(NftSet Set, NftElement Element);
