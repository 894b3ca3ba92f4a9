using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Dataplane.Iptables;

/// <summary>Turns a set of the ruleset into an ipset.</summary>
internal static class SetLowering
{
    /// <summary>The set of link-local addresses.</summary>
    public static XtSet LinkLocal { get; } = new(XtNames.LinkLocalSet, XtSetType.Blocks, IpFamily.IPv6);

    /// <summary>What it holds.</summary>
    /// <param name="fencedAddresses">How many addresses of the node are fenced.</param>
    public static XtElement[] LinkLocalElements(int fencedAddresses) => fencedAddresses == 0 ? [] : [new XtElement("fe80::/10")];

    /// <summary>The ipset of a set.</summary>
    public static XtSet Lower(SetId id) =>
        new(XtNames.PeerSet(id), id.Kind switch { SetKind.Addresses => XtSetType.Addresses, SetKind.Ranges => XtSetType.Blocks, _ => XtSetType.Endpoints }, id.Family);

    /// <summary>The set with its elements.</summary>
    public static XtSetContent Lower(SetId id, IEnumerable<SetElement> elements) => new(Lower(id), Elements(id, elements));

    /// <summary>The elements, in ipset's words.</summary>
    public static XtElement[] Elements(SetId id, IEnumerable<SetElement> elements) => id.Kind switch
    {
        SetKind.Addresses => [.. elements.Select(static element => new XtElement(element.First.ToString()))],
        SetKind.Endpoints => [.. elements.Select(static element => new XtElement($"{element.First},{Name(element.Protocol)}:{element.Port}"))],
        _ => Blocks(elements),
    };

    /// <summary>Ranges as blocks, in ipset's words.</summary>
    public static XtElement[] Blocks(IEnumerable<SetElement> ranges) =>
        [.. ranges.SelectMany(static range => Blocks(new IpRange(range.First, range.Last))).Select(static block => new XtElement(Text(block)))];

    /// <summary>The fewest blocks that tile a range. None is everything: hash:net has no prefix of length 0, so that is two halves.</summary>
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

    private static int Log2(UInt128 value) => 127 - (int)UInt128.LeadingZeroCount(value);

    private static string Text(Cidr block) => block.PrefixLength == block.Family.Bits() ? block.Network.ToString() : block.ToString();

    private static string Name(Protocol protocol) => protocol switch { Protocol.Tcp => "tcp", Protocol.Udp => "udp", _ => "sctp" };
}
