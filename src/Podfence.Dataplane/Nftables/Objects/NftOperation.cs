using Podfence.Base;

namespace Podfence.Dataplane.Nftables;

/// <summary>One step of a transaction on our own table <c>inet podfence</c>. The order matters: what is referred to must exist.</summary>
public abstract record NftOperation;

/// <summary>Makes our table where it is missing.</summary>
public sealed record AddTable : NftOperation;

/// <summary>Deletes our table and all that is in it; an error where there is none (so add comes first).</summary>
public sealed record DeleteTable : NftOperation;

/// <summary>Makes a set or map.</summary>
public sealed record AddSet(NftSet Set) : NftOperation;

/// <summary>Deletes a set or map that nothing refers to.</summary>
public sealed record DeleteSet(string Name) : NftOperation;

/// <summary>Adds elements; an element that is there already is an error of ours.</summary>
public sealed record AddElements(NftSet Set, IReadOnlyCollection<NftElement> Elements) : NftOperation;

/// <summary>Deletes elements; an element that is not there means that somebody else changed the table.</summary>
public sealed record DeleteElements(NftSet Set, IReadOnlyCollection<NftElement> Elements) : NftOperation;

/// <summary>Makes a chain, without its rules.</summary>
public sealed record AddChain(NftChain Chain) : NftOperation;

/// <summary>Deletes all rules of a chain.</summary>
public sealed record FlushChain(string Name) : NftOperation;

/// <summary>Deletes a chain that is flushed and that nothing refers to.</summary>
public sealed record DeleteChain(string Name) : NftOperation;

/// <summary>Appends the rules of a chain.</summary>
public sealed record AddRules(string Chain, EquatableArray<NftRule> Rules) : NftOperation;
