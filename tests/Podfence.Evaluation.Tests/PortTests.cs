using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.Evaluation.Tests;

/// <summary>semantics.md S2 and S5: which ports an item matches.</summary>
public sealed class PortTests
{
    private static readonly (Protocol Protocol, int Port)[] s_probes =
    [
        (Protocol.Tcp, 1),
        (Protocol.Tcp, 80),
        (Protocol.Tcp, 81),
        (Protocol.Tcp, 65535),
        (Protocol.Udp, 53),
        (Protocol.Udp, 80),
        (Protocol.Sctp, 80),
    ];

    private readonly World _world = new();

    public PortTests()
    {
        _world.Pod("shop/web", "app=web");
        _world.Pod(
            "shop/db",
            "app=db",
            "n2",
            new ContainerPort("http", 80, Protocol.Tcp),
            new ContainerPort("dns", 53, Protocol.Udp),
            new ContainerPort("multi", 81, Protocol.Tcp),
            new ContainerPort("multi", 80, Protocol.Udp),
            new ContainerPort("multi", 65535, Protocol.Tcp),
            new ContainerPort(null, 1, Protocol.Tcp)
        );
        _world.Pod("shop/api", "app=api", "n2", new ContainerPort("http", 8080, Protocol.Tcp));
    }

    private static string Text((Protocol Protocol, int Port) probe) =>
        $"{probe.Protocol}/{probe.Port}".ToLowerInvariant();

    private void AssertOpen(PolicyPort[] ports, params string[] open)
    {
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule(null, ports)]);
        Assert.Equal(
            open,
            s_probes.Where(probe => _world.Allows("shop/web", "shop/db", probe.Port, probe.Protocol)).Select(Text)
        );

        // The same from the other side: the destination resolves the name, not the subject.
        _world.State.RemovePolicy(new PolicyKey("shop", "p"));
        _world.Policy("shop/q", Select("app=web"), egress: [Rule(null, ports)]);
        Assert.Equal(
            open,
            s_probes.Where(probe => _world.Allows("shop/web", "shop/db", probe.Port, probe.Protocol)).Select(Text)
        );
    }

    [Fact]
    public void NoPorts_MatchesAll() => AssertOpen([], [.. s_probes.Select(Text)]);

    [Fact]
    public void EmptyItem_MatchesEveryTcpPort() => AssertOpen([Every()], "tcp/1", "tcp/80", "tcp/81", "tcp/65535");

    [Fact]
    public void ProtocolAlone_MatchesEveryPort() => AssertOpen([Every(Protocol.Udp)], "udp/53", "udp/80");

    [Fact]
    public void Number_MatchesOfItsProtocolOnly() => AssertOpen([Port(80)], "tcp/80");

    [Fact]
    public void Sctp_IsNotTcp() => AssertOpen([Port(80, Protocol.Sctp)], "sctp/80");

    [Fact]
    public void Items_MatchIfOneDoes() => AssertOpen([Port(1), Port(53, Protocol.Udp)], "tcp/1", "udp/53");

    [Fact]
    public void Range_IsInclusive() => AssertOpen([Range(80, 81)], "tcp/80", "tcp/81");

    [Fact]
    public void Range_OfOne_IsThatPort() => AssertOpen([Range(81, 81)], "tcp/81");

    [Fact]
    public void Range_WithoutEnd_IsThatPort() => AssertOpen([new PolicyPort(Protocol.Tcp, 81)], "tcp/81");

    [Fact]
    public void Range_OfAllPorts_DeniesOtherProtocols() =>
        AssertOpen([Range(1, 65535, Protocol.Udp)], "udp/53", "udp/80");

    [Fact]
    public void Ranges_MayOverlap() => AssertOpen([Range(1, 80), Range(80, 81), Port(80)], "tcp/1", "tcp/80", "tcp/81");

    [Fact]
    public void Name_IsResolvedWithItsProtocol() => AssertOpen([Named("http"), Named("dns")], "tcp/80");

    [Fact]
    public void Name_OfUdp_IsResolved() => AssertOpen([Named("dns", Protocol.Udp)], "udp/53");

    [Fact]
    public void Name_OfSeveralContainers_MatchesAllTheirNumbers() =>
        AssertOpen([Named("multi")], "tcp/81", "tcp/65535");

    [Fact]
    public void Name_NotDeclaredByAnyPod_MatchesNothingButIsolates() => AssertOpen([Named("unused")]);

    [Fact]
    public void Name_OnEgress_IsResolvedByEachDestination()
    {
        _world.Policy("shop/p", Select("app=web"), egress: [Rule([Pods("app=db"), Pods("app=api")], [Named("http")])]);
        Assert.True(_world.Allows("shop/web", "shop/db", 80));
        Assert.False(_world.Allows("shop/web", "shop/db", 8080));
        Assert.True(_world.Allows("shop/web", "shop/api", 8080));
        Assert.False(_world.Allows("shop/web", "shop/api", 80));
    }

    [Fact]
    public void Name_OnEgressWithoutPeers_IsResolvedByPodsOnly()
    {
        _world.Policy("shop/p", Select("app=web"), egress: [Rule(null, [Named("http")])]);
        Assert.True(_world.Allows("shop/web", "shop/api", 8080));
        Assert.False(_world.Allows("shop/web", "external", 80));
        Assert.False(_world.Allows("shop/web", "node:n2", 80));
    }

    [Fact]
    public void Name_OnEgressToABlock_IsResolvedByThePodsInIt()
    {
        _world.Policy(
            "shop/p",
            Select("app=web"),
            egress: [Rule([Block("10.244.0.2/32"), Block("198.51.100.0/24")], [Named("http")])]
        );
        Assert.True(_world.Allows("shop/web", "shop/db", 80));
        Assert.False(_world.Allows("shop/web", "shop/api", 8080));
        Assert.False(_world.Allows("shop/web", "external", 80));
    }

    [Fact]
    public void Name_OnIngress_IsNotResolvedByTheSource()
    {
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule([Pods("app=api")], [Named("http")])]);
        Assert.True(_world.Allows("shop/api", "shop/db", 80));
        Assert.False(_world.Allows("shop/api", "shop/db", 8080));
    }

    [Fact]
    public void UndeclaredPort_CanBeAllowedByNumber()
    {
        _world.Policy("shop/p", Select("app=web"), ingress: [Rule(null, [Port(9999)])]);
        Assert.True(_world.Allows("shop/db", "shop/web", 9999));
    }
}
