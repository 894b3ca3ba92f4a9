namespace Podfence.Dataplane.Nftables;

/// <summary>Kinds of verdict.</summary>
public enum NftVerdictKind : byte
{
    /// <summary>The packet passes this base chain.</summary>
    Accept,

    /// <summary>The packet is dropped.</summary>
    Drop,

    /// <summary>Back to the rule after the jump.</summary>
    Return,

    /// <summary>To a chain, and back at its end.</summary>
    Jump,

    /// <summary>To a chain, whose end is the end of this one.</summary>
    Goto,
}

/// <summary>A verdict, with the chain it leads to.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Chain">For jump and goto; null otherwise.</param>
public readonly record struct NftVerdict(NftVerdictKind Kind, string? Chain = null)
{
    /// <summary>accept</summary>
    public static NftVerdict Accept { get; } = new(NftVerdictKind.Accept);

    /// <summary>drop</summary>
    public static NftVerdict Drop { get; } = new(NftVerdictKind.Drop);

    /// <summary>return</summary>
    public static NftVerdict Return { get; } = new(NftVerdictKind.Return);

    /// <summary>jump</summary>
    public static NftVerdict Jump(string chain) => new(NftVerdictKind.Jump, chain);

    /// <summary>goto</summary>
    public static NftVerdict Goto(string chain) => new(NftVerdictKind.Goto, chain);

    /// <summary>As nft writes it.</summary>
    public override string ToString() =>
        Chain is null ? Kind.ToString().ToLowerInvariant() : $"{Kind.ToString().ToLowerInvariant()} {Chain}";
}
