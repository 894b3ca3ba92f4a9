namespace Podfence.Model;

/// <summary>An inclusive range of addresses of one family.</summary>
/// <param name="First">The lowest member.</param>
/// <param name="Last">The highest member.</param>
public readonly record struct IpRange(IpAddress First, IpAddress Last)
{
    /// <summary>The family of the range.</summary>
    public IpFamily Family => First.Family;

    /// <summary>Whether the address is a member; an address of the other family never is.</summary>
    public bool Contains(IpAddress address) => address.Family == Family && address >= First && address <= Last;

    /// <summary>First and last address, joined by a dash.</summary>
    public override string ToString() => First == Last ? First.ToString() : $"{First}-{Last}";
}
