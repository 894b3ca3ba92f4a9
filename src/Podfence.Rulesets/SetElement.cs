using Podfence.Model;

namespace Podfence.Rulesets;

/// <summary>One element of a set.</summary>
/// <param name="First">The address, or the first of a range.</param>
/// <param name="Last">The last address of the range; equal to <paramref name="First"/> for the other kinds.</param>
/// <param name="Protocol">For endpoints; the default value otherwise.</param>
/// <param name="Port">For endpoints; 0 otherwise.</param>
public readonly record struct SetElement(IpAddress First, IpAddress Last, Protocol Protocol, ushort Port)
    : IComparable<SetElement>
{
    /// <summary>An element of a set of addresses.</summary>
    public static SetElement Of(IpAddress address) => new(address, address, default, 0);

    /// <summary>An element of a set of ranges.</summary>
    public static SetElement Of(IpRange range) => new(range.First, range.Last, default, 0);

    /// <summary>An element of a set of endpoints.</summary>
    public static SetElement Of(IpAddress address, Protocol protocol, int port) =>
        new(address, address, protocol, (ushort)port);

    /// <inheritdoc/>
    public int CompareTo(SetElement other)
    {
        var order = First.CompareTo(other.First);
        order = order != 0 ? order : Last.CompareTo(other.Last);
        order = order != 0 ? order : Protocol.CompareTo(other.Protocol);
        return order != 0 ? order : Port.CompareTo(other.Port);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        First != Last ? $"{First}-{Last}"
        : Port == 0 ? First.ToString()
        : $"{First} . {Protocol} . {Port}";
}
