using CsCheck;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation.Tests;

public sealed class AddressRangesTests
{
    private static readonly Gen<IpFamily> s_family = Gen.Bool.Select(six => six ? IpFamily.IPv6 : IpFamily.IPv4);

    [Fact]
    public void FromBlocks_WholeFamily_IsEverything()
    {
        Assert.True(AddressRanges.IsEverything(Ranges("0.0.0.0/0"), IpFamily.IPv4));
        Assert.True(AddressRanges.IsEverything(Ranges("::/0"), IpFamily.IPv6));
        Assert.True(AddressRanges.IsEverything(Ranges("::/1", "8000::/1"), IpFamily.IPv6));
        Assert.False(AddressRanges.IsEverything(Ranges("0.0.0.0/1"), IpFamily.IPv4));
    }

    [Fact]
    public void FromBlocks_ExceptionsCoverTheBlock_IsEmpty() =>
        Assert.True(
            AddressRanges
                .FromBlocks(
                    [
                        new IpBlockPeer(
                            Cidr.Parse("10.0.0.0/24"),
                            [Cidr.Parse("10.0.0.0/25"), Cidr.Parse("10.0.0.128/25")]
                        ),
                    ],
                    IpFamily.IPv4
                )
                .IsEmpty
        );

    [Fact]
    public void FromBlocks_ExceptionOfOneBlock_DoesNotAffectAnother() =>
        Assert.Equal(
            "10.0.0.0-10.0.0.255",
            string.Join(
                ' ',
                AddressRanges.FromBlocks(
                    [
                        new IpBlockPeer(Cidr.Parse("10.0.0.0/24"), [Cidr.Parse("10.0.0.0/25")]),
                        new IpBlockPeer(Cidr.Parse("10.0.0.0/25"), []),
                    ],
                    IpFamily.IPv4
                )
            )
        );

    [Fact]
    public void FromBlocks_AnyBlocks_HaveTheSameAddressesInSeparateAscendingRanges()
    {
        (from family in s_family from list in Block(family).List[1, 6] select (family, list)).Sample(
            sample =>
            {
                var ranges = AddressRanges.FromBlocks(sample.list, sample.family);
                for (var i = 1; i < ranges.Count; i++)
                {
                    if (ranges[i].First.Value - ranges[i - 1].Last.Value <= 1 || ranges[i].First < ranges[i - 1].Last)
                    {
                        return false;
                    }
                }

                var edges = sample.list.SelectMany(block => block.Except.Append(block.Cidr)).SelectMany(Edges);
                return edges.All(address =>
                    ranges.Any(range => range.Contains(address)) == sample.list.Any(block => block.Contains(address))
                );
            },
            iter: 5_000
        );
    }

    private static EquatableArray<IpRange> Ranges(params string[] cidrs) =>
        AddressRanges.FromBlocks(
            cidrs.Select(cidr => new IpBlockPeer(Cidr.Parse(cidr), [])),
            Cidr.Parse(cidrs[0]).Family
        );

    /// <summary>Blocks at both ends and in the middle of the address space, with exceptions inside.</summary>
    private static Gen<IpBlockPeer> Block(IpFamily family) =>
        from cidr in Prefix(family)
        from except in Prefix(family).List[0, 4]
        select new IpBlockPeer(cidr, except.Where(hole => cidr.Contains(hole)).ToEquatableArray());

    private static Gen<Cidr> Prefix(IpFamily family) =>
        from high in Gen.Int[0, 2]
            .Select(i =>
                i switch
                {
                    0 => 0UL,
                    1 => ulong.MaxValue,
                    _ => 0x0a00_0000_0000_0000UL,
                }
            )
        from low in Gen.ULong[0, 15]
        from length in Gen.Int[0, family.Bits()]
        let value = family == IpFamily.IPv4 ? (high >> 32) ^ low : new UInt128(high, high) ^ low
        select new Cidr(new IpAddress(family, value), length);

    private static IEnumerable<IpAddress> Edges(Cidr cidr)
    {
        var highest = cidr.Family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;
        yield return cidr.Network;
        yield return cidr.Last;
        if (cidr.Network.Value > 0)
        {
            yield return new IpAddress(cidr.Family, cidr.Network.Value - 1);
        }

        if (cidr.Last.Value < highest)
        {
            yield return new IpAddress(cidr.Family, cidr.Last.Value + 1);
        }
    }
}
