using CsCheck;
using Podfence.Dataplane.Iptables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

public sealed class SetLoweringTests
{
    [Theory]
    [InlineData("10.0.0.0", "10.0.0.255", "10.0.0.0/24")]
    [InlineData("10.0.0.7", "10.0.0.7", "10.0.0.7/32")]
    [InlineData("10.0.0.1", "10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32")]
    [InlineData("0.0.0.0", "255.255.255.255", "0.0.0.0/1 128.0.0.0/1")]
    [InlineData("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/1 8000::/1")]
    [InlineData("fd00::", "fd00::1:ffff", "fd00::/111")]
    public void Blocks_OfARange_TileItWithTheFewest(string first, string last, string blocks) =>
        Assert.Equal(
            blocks,
            string.Join(' ', SetLowering.Blocks(new IpRange(IpAddress.Parse(first), IpAddress.Parse(last))))
        );

    [Fact]
    public void Blocks_OfAnyRange_CoverItWithoutOverlap() =>
        Gen.Select(Gen.UInt, Gen.UInt)
            .Sample(
                (one, other) =>
                {
                    var (first, last) = (Math.Min(one, other), Math.Max(one, other));
                    var next = (ulong)first;
                    foreach (
                        var block in SetLowering.Blocks(
                            new IpRange(new IpAddress(IpFamily.IPv4, first), new IpAddress(IpFamily.IPv4, last))
                        )
                    )
                    {
                        Assert.Equal(next, (ulong)block.Network.Value);
                        next = (ulong)block.Last.Value + 1;
                    }

                    Assert.Equal((ulong)last + 1, next);
                }
            );

    [Fact]
    public void Elements_OfEachKind_AreInIpsetsWords()
    {
        Assert.Equal(
            "10.0.0.1,sctp:80",
            Element(SetKind.Endpoints, SetElement.Of(IpAddress.Parse("10.0.0.1"), Protocol.Sctp, 80))
        );
        Assert.Equal("fd00::1", Element(SetKind.Addresses, SetElement.Of(IpAddress.Parse("fd00::1"))));
        Assert.Equal("10.0.0.1", Element(SetKind.Ranges, SetElement.Of(IpAddress.Parse("10.0.0.1"))));
    }

    private static string Element(SetKind kind, SetElement element) =>
        SetLowering.Elements(new SetId("s", kind, element.First.Family), [element]).Single().Key;
}
