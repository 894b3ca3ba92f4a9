using CsCheck;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class PortSetTests
{
    private static readonly Gen<PortSet> s_set = Gen.OneOf(
        Gen.Const(PortSet.All),
        Gen.Const(PortSet.None),
        Gen.Select(
                Gen.OneOf(Protocol.Tcp, Protocol.Udp, Protocol.Sctp),
                Gen.Int[1, 12],
                Gen.Int[0, 6],
                static (protocol, first, more) => PortSet.Of(protocol, first, first + more)
            )
            .Array[0, 5]
            .Select(static sets => PortSet.Union(sets))
    );

    // Small ports where sets meet, and both ends of a protocol's numbers.
    private static readonly (Protocol? Protocol, int Port)[] s_points =
    [
        .. from protocol in new Protocol?[] { Protocol.Tcp, Protocol.Udp, Protocol.Sctp }
        from port in Enumerable.Range(1, 20).Append(65535)
        select (protocol, port),
        (null, 0),
    ];

    [Fact]
    public void UnionAndIntersect_AnySets_ContainWhatTheirPartsContain() =>
        Gen.Select(s_set, s_set)
            .Sample(
                (a, b) =>
                {
                    var (union, common) = (PortSet.Union([a, b]), a.Intersect(b));
                    return s_points.All(point =>
                            union.Contains(point.Protocol, point.Port)
                                == (a.Contains(point.Protocol, point.Port) || b.Contains(point.Protocol, point.Port))
                            && common.Contains(point.Protocol, point.Port)
                                == (a.Contains(point.Protocol, point.Port) && b.Contains(point.Protocol, point.Port))
                        )
                        && union.Equals(PortSet.Union([b, a]))
                        && common.Equals(b.Intersect(a));
                }
            );

    [Fact]
    public void Except_AnySets_ContainsWhatTheOtherLacks() =>
        Gen.Select(s_set, s_set)
            .Sample(
                static (a, b) =>
                {
                    var rest = a.Except(b);
                    return s_points.All(point =>
                            rest.Contains(point.Protocol, point.Port)
                            == (a.Contains(point.Protocol, point.Port) && !b.Contains(point.Protocol, point.Port))
                        ) && PortSet.Union([rest, a.Intersect(b)]).Equals(a);
                }
            );

    [Fact]
    public void Union_NeighbouringRanges_AreOne()
    {
        var set = PortSet.Union([PortSet.Of(Protocol.Tcp, 1, 79), PortSet.Of(Protocol.Tcp, 80, 65535)]);

        Assert.Equal(PortSet.Of(Protocol.Tcp), set);
    }

    [Fact]
    public void Union_EveryProtocol_LacksTheOthers()
    {
        var set = PortSet.Union([PortSet.Of(Protocol.Tcp), PortSet.Of(Protocol.Udp), PortSet.Of(Protocol.Sctp)]);

        Assert.False(set.IsAll);
        Assert.Equal("all TCP, all UDP, all SCTP", set.ToString());
    }

    [Fact]
    public void ToString_MixedSet_ReadsByProtocol()
    {
        var set = PortSet.Union([
            PortSet.Of(Protocol.Udp, 53, 53),
            PortSet.Of(Protocol.Tcp, 8000, 8010),
            PortSet.Of(Protocol.Tcp, 53, 53),
        ]);

        Assert.Equal("53/TCP, 8000-8010/TCP, 53/UDP", set.ToString());
        Assert.Equal("none", PortSet.None.ToString());
        Assert.Equal("all", PortSet.All.ToString());
    }
}
