using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>What the elements of a set are.</summary>
public enum SetKind : byte
{
    /// <summary>Single addresses of pods; changes by elements.</summary>
    Addresses,

    /// <summary>Disjoint ranges of addresses, from ipBlocks. Named by content, so it never changes: another content is another set.</summary>
    Ranges,

    /// <summary>Address, protocol and port of a destination, from named ports; changes by elements.</summary>
    Endpoints,
}

/// <summary>Identifies a set. Two sets with the same name are the same set.</summary>
/// <param name="Name">Unique and stable: derived from the selector or the content that the set stands for.</param>
/// <param name="Kind">What the elements are.</param>
/// <param name="Family">Family of all elements.</param>
public sealed record SetId(string Name, SetKind Kind, IpFamily Family)
{
    /// <summary>What the set stands for, in the words of the policies that use it; for people. It follows from what the name follows from.</summary>
    public string? Description { get; init; }

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);
}

/// <summary>One element of a set.</summary>
/// <param name="First">The address, or the first of a range.</param>
/// <param name="Last">The last address of the range; equal to <paramref name="First"/> for the other kinds.</param>
/// <param name="Protocol">For endpoints; the default value otherwise.</param>
/// <param name="Port">For endpoints; 0 otherwise.</param>
public readonly record struct SetElement(IpAddress First, IpAddress Last, Protocol Protocol, ushort Port) : IComparable<SetElement>
{
    /// <summary>An element of a set of addresses.</summary>
    public static SetElement Of(IpAddress address) => new(address, address, default, 0);

    /// <summary>An element of a set of ranges.</summary>
    public static SetElement Of(IpRange range) => new(range.First, range.Last, default, 0);

    /// <summary>An element of a set of endpoints.</summary>
    public static SetElement Of(IpAddress address, Protocol protocol, int port) => new(address, address, protocol, (ushort)port);

    /// <inheritdoc/>
    public int CompareTo(SetElement other)
    {
        var order = First.CompareTo(other.First);
        order = order != 0 ? order : Last.CompareTo(other.Last);
        order = order != 0 ? order : Protocol.CompareTo(other.Protocol);
        return order != 0 ? order : Port.CompareTo(other.Port);
    }

    /// <inheritdoc/>
    public override string ToString() => First != Last ? $"{First}-{Last}" : Port == 0 ? First.ToString() : $"{First} . {Protocol} . {Port}";
}
