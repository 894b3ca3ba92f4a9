using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>What the key of a set or map is.</summary>
public enum NftKey : byte
{
    /// <summary><c>ipv4_addr</c> or <c>ipv6_addr</c>, hashed.</summary>
    Address,

    /// <summary>The same, with <c>flags interval</c>.</summary>
    AddressRange,

    /// <summary><c>ipv4_addr . ipv4_addr</c> (or v6), hashed.</summary>
    AddressPair,

    /// <summary><c>ipv4_addr . inet_proto . inet_service</c> (or v6), hashed.</summary>
    Endpoint,

    /// <summary><c>inet_service . inet_proto</c>, hashed; no family.</summary>
    Port,

    /// <summary>The same, with <c>flags interval</c>; no family.</summary>
    PortRange,
}

/// <summary>A named set, or a map to verdicts.</summary>
/// <param name="Name">Unique in the table among sets and maps; same letters as a chain's.</param>
/// <param name="Key">The key.</param>
/// <param name="Family">The family of address keys; null for ports.</param>
/// <param name="HasVerdicts">Whether it is a map to verdicts.</param>
/// <param name="Comment">For people; cut to 128 bytes with the closing zero.</param>
public sealed record NftSet(string Name, NftKey Key, IpFamily? Family, bool HasVerdicts, string? Comment = null);

/// <summary>An element of a set or map.</summary>
/// <param name="Key">
/// For address keys <see cref="SetElement"/> as it is; an address pair is First . Last; a port range is
/// <see cref="Ports"/>.
/// </param>
/// <param name="Ports">The key of port maps; the default value otherwise.</param>
/// <param name="Verdict">The verdict of a map's element; null in sets.</param>
/// <param name="Comment">For people.</param>
public sealed record NftElement(
    SetElement Key,
    PortRange Ports = default,
    NftVerdict? Verdict = null,
    string? Comment = null
)
{
    /// <summary>
    /// Whether it was read back and is not an element that Podfence writes, such as a catch-all. It has no key to
    /// delete it by.
    /// </summary>
    public bool IsForeign { get; init; }

    /// <summary>What the element was lowered from; null for elements that are no rules. Not compared.</summary>
    public RuleSource? Source { get; init; }

    /// <summary>Whether both are the same element to the kernel, whatever they were lowered from.</summary>
    public bool Equals(NftElement? other) =>
        other is not null
        && Key == other.Key
        && Ports == other.Ports
        && Verdict == other.Verdict
        && Comment == other.Comment
        && IsForeign == other.IsForeign;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Ports, Verdict, Comment, IsForeign);
}
