using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>Turns a set of the ruleset into an ipset.</summary>
internal static class SetLowering
{
    /// <summary>The set of link-local addresses.</summary>
    public static IptSet LinkLocal { get; } = new(IptNames.LinkLocalSet, IptSetType.Blocks, IpFamily.IPv6);

    /// <summary>Its elements.</summary>
    /// <param name="fencedAddresses">How many addresses of the node are fenced.</param>
    public static IptElement[] LinkLocalElements(int fencedAddresses) =>
        fencedAddresses == 0 ? [] : [new IptElement("fe80::/10")];

    /// <summary>The ipset of a set.</summary>
    public static IptSet Lower(SetId id) => new(IptNames.PeerSet(id), TypeOf(id.Kind), id.Family);

    /// <summary>The set with its elements.</summary>
    public static IptSetContent Lower(SetId id, IEnumerable<SetElement> elements) =>
        new(Lower(id), Elements(id, elements));

    /// <summary>The change of a set that stays.</summary>
    public static IptSetChange Lower(SetId id, Delta<SetElement> change) =>
        new(Lower(id), Elements(id, change.Added), Elements(id, change.Removed));

    /// <summary>The elements, as ipset prints them.</summary>
    public static IptElement[] Elements(SetId id, IEnumerable<SetElement> elements) =>
        id.Kind switch
        {
            SetKind.Addresses => [.. elements.Select(static element => new IptElement(element.First.ToString()))],
            SetKind.Endpoints =>
            [
                .. elements.Select(static element => new IptElement(
                    $"{element.First},{Name(element.Protocol)}:{element.Port}"
                )),
            ],
            _ => Blocks(elements),
        };

    /// <summary>Ranges as blocks, as ipset prints them.</summary>
    public static IptElement[] Blocks(IEnumerable<SetElement> ranges) =>
        [
            .. ranges
                .SelectMany(static range => Blocks(new IpRange(range.First, range.Last)))
                .Select(static block => new IptElement(Text(block))),
        ];

    /// <summary>
    /// The minimal list of blocks that cover a range. The whole address space is two halves: hash:net has no prefix of
    /// length 0.
    /// </summary>
    public static IEnumerable<Cidr> Blocks(IpRange range)
    {
        var bits = range.Family.Bits();
        var (first, last) = (range.First.Value, range.Last.Value);
        while (true)
        {
            var aligned = first == 0 ? bits : (int)UInt128.TrailingZeroCount(first);
            var rest = last - first;
            var fitting = rest == UInt128.MaxValue ? bits : Log2(rest + 1);
            var hostBits = Math.Min(Math.Min(aligned, fitting), bits - 1);
            yield return new Cidr(new IpAddress(range.Family, first), bits - hostBits);
            var size = UInt128.One << hostBits;
            if (rest == size - 1)
            {
                yield break;
            }

            first += size;
        }
    }

    private static IptSetType TypeOf(SetKind kind) =>
        kind switch
        {
            SetKind.Addresses => IptSetType.Addresses,
            SetKind.Ranges => IptSetType.Blocks,
            _ => IptSetType.Endpoints,
        };

    private static int Log2(UInt128 value) => 127 - (int)UInt128.LeadingZeroCount(value);

    private static string Text(Cidr block) =>
        block.PrefixLength == block.Family.Bits() ? block.Network.ToString() : block.ToString();

    private static string Name(Protocol protocol) =>
        protocol switch
        {
            Protocol.Tcp => "tcp",
            Protocol.Udp => "udp",
            _ => "sctp",
        };
}
