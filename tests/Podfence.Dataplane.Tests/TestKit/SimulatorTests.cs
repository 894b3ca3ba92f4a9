using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class SimulatorTests
{
    private const string Accepted = nameof(PacketVerdict.Accepted);
    private const string Reset = nameof(PacketVerdict.Reset);
    private const string Unreachable = nameof(PacketVerdict.Unreachable);

    private static readonly PacketEndpoint s_db = PacketEndpoint.Pod("a", Article.Db);
    private static readonly PacketEndpoint s_web = PacketEndpoint.Pod("a", Article.Web);
    private static readonly PacketEndpoint s_api = PacketEndpoint.Pod("b", Article.Api);

    [Theory]
    [InlineData("10.244.0.6", 6379, Accepted)]
    [InlineData("10.244.0.6", 6380, Reset)]
    [InlineData("10.244.1.7", 6379, Accepted)]
    [InlineData("10.244.1.8", 6379, Reset)]
    [InlineData("172.17.0.9", 6379, Accepted)]
    [InlineData("172.17.1.0", 6379, Reset)]
    [InlineData("172.17.1.255", 6379, Reset)]
    [InlineData("172.17.2.0", 6379, Accepted)]
    [InlineData("172.18.0.0", 6379, Reset)]
    [InlineData("10.244.0.5", 1, Accepted)]
    public void Send_ToTheArticlesDatabase_FollowsThePolicy(string from, int port, string outcome) =>
        Assert.Equal(
            outcome,
            Simulator()
                .Send(HookPoint.Forward, Packet.Of(IpAddress.Parse(from), Article.Db, Protocol.Tcp, port))
                .ToString()
        );

    [Theory]
    [InlineData("10.0.0.255", 5978, Accepted)]
    [InlineData("10.0.1.0", 5978, Reset)]
    [InlineData("10.0.0.1", 5979, Reset)]
    public void Send_FromTheArticlesDatabase_FollowsThePolicy(string to, int port, string outcome) =>
        Assert.Equal(
            outcome,
            Simulator()
                .Send(HookPoint.Forward, Packet.Of(Article.Db, IpAddress.Parse(to), Protocol.Tcp, port))
                .ToString()
        );

    [Theory]
    [InlineData((byte)8, (byte)0, Unreachable)]
    [InlineData((byte)3, (byte)4, Accepted)]
    [InlineData((byte)3, (byte)1, Unreachable)]
    public void Send_IcmpToAFencedPod_PassesForPathMtuOnly(byte type, byte code, string outcome) =>
        Assert.Equal(
            outcome,
            Simulator().Send(HookPoint.Forward, Packet.Icmp(Article.Other, Article.Db, type, code)).ToString()
        );

    [Fact]
    public void Send_Icmpv6ToAFencedPod_PassesForDiscoveryAndPathMtuOnly()
    {
        var pod = IpAddress.Parse("fd00::5");
        var fence = new Fence
        {
            Name = "ingress/default/deny-v6",
            Direction = Direction.Ingress,
            Family = IpFamily.IPv6,
            Policies = [new PolicyKey("default", "deny")],
        };
        var simulator = Simulator(
            Ruleset.Empty(new RulesetOptions { DenyAction = DenyAction.Drop }) with
            {
                Fences = new Dictionary<string, Fence> { [fence.Name] = fence },
                Endpoints = new Dictionary<IpAddress, FencedEndpoint>
                {
                    [pod] = new(new PodKey("default", "db"), fence.Name, null),
                },
            }
        );
        var passing = Enumerable
            .Range(0, 256)
            .Where(type =>
                simulator.Send(HookPoint.Forward, Packet.Icmp(IpAddress.Parse("fd00::6"), pod, (byte)type))
                == PacketVerdict.Accepted
            );
        Assert.Equal([2, 133, 134, 135, 136, 137], passing);
    }

    [Theory]
    [InlineData(Protocol.Tcp, Reset)]
    [InlineData(Protocol.Udp, Accepted)]
    public void Send_PacketOfATrackedConnection_PassesUnlessItBeginsAnother(Protocol protocol, string outcome) =>
        Assert.Equal(
            outcome,
            Simulator()
                .Send(HookPoint.Forward, Packet.Of(Article.Other, Article.Db, protocol, 6379) with { IsTracked = true })
                .ToString()
        );

    [Fact]
    public void Trace_DeniedPacket_NamesThePodAndThePolicy() =>
        Assert.Equal(
            [
                "forward: to fenced pods: default/db: jump ingress/default/test-network-policy-v4",
                "ingress/default/test-network-policy-v4: isolated by default/test-network-policy: goto deny",
                "deny: not allowed by any policy: reject with tcp reset",
            ],
            Simulator()
                .Trace(HookPoint.Forward, Packet.Of(Article.Other, Article.Db, Protocol.Tcp, 6379))
                .Path.Select(step => step.ToString())
        );

    [Fact]
    public void Trace_Allowed_NamesThePolicy() =>
        Assert.Equal(
            "ingress/default/test-network-policy-v4: default/test-network-policy: return",
            Simulator()
                .Trace(HookPoint.Forward, Packet.Of(Article.Web, Article.Db, Protocol.Tcp, 6379))
                .Path[^1]
                .ToString()
        );

    [Fact]
    public void Send_SeveralBaseChains_RunInOrderOfPriorityUntilOneDenies()
    {
        var first = new NftChain("first", new NftHook(HookPoint.Input, -5), [TableLayout.Rule("1", NftVerdict.Accept)]);
        var second = new NftChain("second", new NftHook(HookPoint.Input, 5), [TableLayout.Rule("2", NftVerdict.Drop)]);
        var other = new NftChain("other", new NftHook(HookPoint.Forward, 0), []);
        var simulator = new PacketSimulator(
            new NftTable(
                new[] { second, other, first }.ToDictionary(chain => chain.Name),
                new Dictionary<string, NftSetContent>()
            )
        );
        var packet = Packet.Of(Article.Web, Article.Db, Protocol.Tcp, 1);
        Assert.Equal(["first", "second"], simulator.Trace(HookPoint.Input, packet).Path.Select(step => step.Chain));
        Assert.Equal(PacketVerdict.Accepted, simulator.Send(HookPoint.Forward, packet));
    }

    [Fact]
    public void Send_ReturnAfterGoto_LeadsToTheRuleAfterTheJump()
    {
        NftChain[] chains =
        [
            new(
                "base",
                new NftHook(HookPoint.Input, 0),
                [TableLayout.Rule("in", NftVerdict.Jump("a")), TableLayout.Rule("end", NftVerdict.Drop)]
            ),
            new(
                "a",
                null,
                [TableLayout.Rule("over", NftVerdict.Goto("b")), TableLayout.Rule("never", NftVerdict.Accept)]
            ),
            new("b", null, [TableLayout.Rule("back", NftVerdict.Return), TableLayout.Rule("never", NftVerdict.Accept)]),
        ];
        var simulator = new PacketSimulator(
            new NftTable(chains.ToDictionary(chain => chain.Name), new Dictionary<string, NftSetContent>())
        );
        var result = simulator.Trace(HookPoint.Input, Packet.Of(Article.Web, Article.Db, Protocol.Tcp, 1));
        Assert.Equal(["in", "over", "back", "end"], result.Path.Select(step => step.Comment));
        Assert.Equal(PacketVerdict.Dropped, result.Verdict);
    }

    [Fact]
    public void Hooks_EveryKindOfFlow_AreWhereThePacketComesBy()
    {
        var nodeA = PacketEndpoint.OfNode("a", Article.NodeA);
        var nodeB = PacketEndpoint.OfNode("b", Article.NodeB);
        var external = PacketEndpoint.External(Article.External);
        Assert.Equal([("a", HookPoint.Forward)], FlowSimulator.Hooks(s_db, s_web));
        Assert.Equal([("a", HookPoint.Forward)], FlowSimulator.Hooks(s_db, s_db));
        Assert.Equal([("a", HookPoint.Forward), ("b", HookPoint.Forward)], FlowSimulator.Hooks(s_db, s_api));
        Assert.Equal([("a", HookPoint.Forward)], FlowSimulator.Hooks(s_db, external));
        Assert.Equal([("a", HookPoint.Input)], FlowSimulator.Hooks(s_db, nodeA));
        Assert.Equal([("a", HookPoint.Forward), ("b", HookPoint.Input)], FlowSimulator.Hooks(s_db, nodeB));
        Assert.Empty(FlowSimulator.Hooks(nodeA, s_db));
        Assert.Equal([("a", HookPoint.Forward)], FlowSimulator.Hooks(nodeB, s_db));
        Assert.Equal([("b", HookPoint.Input)], FlowSimulator.Hooks(nodeA, nodeB));
        Assert.Equal([("a", HookPoint.Forward)], FlowSimulator.Hooks(external, s_db));
        Assert.Equal([("a", HookPoint.Input)], FlowSimulator.Hooks(external, nodeA));
        Assert.Empty(FlowSimulator.Hooks(nodeA, external));
    }

    [Fact]
    public void Send_AcrossNodes_IsDeniedAtTheFence()
    {
        var flows = new FlowSimulator(
            new Dictionary<string, PacketSimulator>
            {
                ["a"] = Simulator(),
                ["b"] = Simulator(Ruleset.Empty(new RulesetOptions())),
            }
        );
        Assert.Equal(
            PacketVerdict.Accepted,
            flows.Send(s_api, s_db, Packet.Of(Article.Api, Article.Db, Protocol.Tcp, 6379))
        );
        var steps = flows.Trace(s_api, s_db, Packet.Of(Article.Api, Article.Db, Protocol.Udp, 6379));
        Assert.Equal(["b", "a"], steps.Select(step => step.Node));
        Assert.Equal(PacketVerdict.Unreachable, steps[^1].Result.Verdict);
        Assert.Single(flows.Trace(s_db, s_api, Packet.Of(Article.Db, Article.Api, Protocol.Tcp, 80)));
    }

    [Theory]
    [InlineData(PodToNode.Enforce, PacketVerdict.Reset)]
    [InlineData(PodToNode.Allow, PacketVerdict.Accepted)]
    public void Send_PodToItsOwnNode_DependsOnTheSetting(PodToNode setting, PacketVerdict outcome) =>
        Assert.Equal(
            outcome,
            Simulator(Article.Ruleset with { Options = new RulesetOptions { PodToNode = setting } })
                .Send(HookPoint.Input, Packet.Of(Article.Db, Article.NodeA, Protocol.Tcp, 10250))
        );

    private static PacketSimulator Simulator(Ruleset? ruleset = null)
    {
        using var kernel = new FakeKernel();
        kernel.Run(TableReplacement.Whole(RulesetLowering.Lower(ruleset ?? Article.Ruleset)));
        return new PacketSimulator(kernel.Read()!);
    }
}
