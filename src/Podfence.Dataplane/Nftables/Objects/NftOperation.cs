using Podfence.Base;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// One operation of a transaction on the table <c>inet podfence</c>. The order matters: objects must exist before they
/// are referred to.
/// </summary>
public abstract record NftOperation;

/// <summary>Creates the table if it is missing.</summary>
public sealed record AddTable : NftOperation;

/// <summary>Deletes the table with its content; an error where there is none (so add comes first).</summary>
public sealed record DeleteTable : NftOperation;

/// <summary>Creates a set or map.</summary>
public sealed record AddSet(NftSet Set) : NftOperation;

/// <summary>Deletes a set or map that nothing refers to.</summary>
public sealed record DeleteSet(string Name) : NftOperation;

/// <summary>Adds elements; an existing element is an error.</summary>
public sealed record AddElements(NftSet Set, IReadOnlyCollection<NftElement> Elements) : NftOperation;

/// <summary>Deletes elements; a missing element shows that another program changed the table.</summary>
public sealed record DeleteElements(NftSet Set, IReadOnlyCollection<NftElement> Elements) : NftOperation;

/// <summary>Creates a chain, without its rules.</summary>
public sealed record AddChain(NftChain Chain) : NftOperation;

/// <summary>Deletes all rules of a chain.</summary>
public sealed record FlushChain(string Name) : NftOperation;

/// <summary>Deletes a chain that is flushed and that nothing refers to.</summary>
public sealed record DeleteChain(string Name) : NftOperation;

/// <summary>Appends the rules of a chain.</summary>
public sealed record AddRules(string Chain, EquatableArray<NftRule> Rules) : NftOperation;
