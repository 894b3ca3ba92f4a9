using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.Evaluation.Tests;

/// <summary>semantics.md S8: nodes, host-network pods, oneself, and who an address belongs to.</summary>
public sealed class LocalityTests
{
    private readonly World _world = new();

    public LocalityTests()
    {
        _world.Pod("shop/web", "app=web"); // n1, 10.244.0.1
        _world.Pod("shop/db", "app=db", "n2"); // n2, 10.244.0.2
        _world.Policy("shop/closed", ingress: [], egress: []);
    }

    private Pod HostNetworkPod() =>
        _world.Put(
            new Pod
            {
                Key = new PodKey("shop", "host"),
                Labels = LabelSet.Of(("app", "web")),
                NodeName = "n1",
                HostNetwork = true,
                Phase = PodPhase.Running,
                Addresses = [IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1")],
            }
        );

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OwnNode_AlwaysReachesItsPods(IpFamily family)
    {
        var verdict = _world.Ask("node:n1", "shop/web", family: family);
        Assert.True(verdict.Allowed);
        Assert.Equal((SideReason.NotAPod, SideReason.OwnNode), (verdict.Egress.Reason, verdict.Ingress.Reason));
    }

    [Fact]
    public void OwnNode_ReachesItsPodsFromItsBridge()
    {
        var bridge = FlowEndpoint.OfNode("n1", IpAddress.Parse("10.244.0.254"));
        Assert.True(_world.Evaluator.IsAllowed(new Flow(bridge, _world.End("shop/web"), Protocol.Tcp, 80)));
        Assert.False(_world.Evaluator.IsAllowed(new Flow(bridge, _world.End("shop/db"), Protocol.Tcp, 80)));
    }

    [Fact]
    public void RemoteNode_IsNotExempt()
    {
        Assert.False(_world.Allows("node:n2", "shop/web"));
        Assert.False(_world.Allows("shop/web", "node:n2"));
    }

    [Fact]
    public void PodToNode_ByDefault_IsEnforced()
    {
        Assert.Equal(SideReason.NoRuleMatched, _world.Ask("shop/web", "node:n1").Egress.Reason);
    }

    [Fact]
    public void PodToNode_WithARule_IsAllowed()
    {
        _world.Policy("shop/open", egress: [Rule([Block("192.0.2.1/32")], [Port(80)])]);
        Assert.True(_world.Allows("shop/web", "node:n1"));
        Assert.False(_world.Allows("shop/web", "node:n1", 81));
    }

    [Fact]
    public void PodToNode_Allow_IsAllowed()
    {
        var evaluator = new Evaluator(_world.State, new EvaluatorOptions { PodToNode = PodToNode.Allow });
        var flow = new Flow(_world.End("shop/web"), _world.End("node:n1"), Protocol.Tcp, 80);
        Assert.Equal(SideReason.OwnNode, evaluator.Evaluate(flow).Egress.Reason);
        Assert.False(evaluator.IsAllowed(new Flow(_world.End("shop/web"), _world.End("node:n2"), Protocol.Tcp, 80)));
    }

    [Fact]
    public void NodesAndExternalAddresses_AreNeverIsolated()
    {
        var verdict = _world.Ask("node:n1", "external");
        Assert.Equal((SideReason.NotAPod, SideReason.NotAPod), (verdict.Egress.Reason, verdict.Ingress.Reason));
    }

    [Fact]
    public void Self_IsAlwaysAllowed()
    {
        var verdict = _world.Ask("shop/web", "shop/web", 9999, Protocol.Sctp);
        Assert.Equal((SideReason.Self, SideReason.Self), (verdict.Egress.Reason, verdict.Ingress.Reason));
    }

    [Fact]
    public void HostNetworkPod_IsNeverIsolatedAndIsItsNode()
    {
        HostNetworkPod();
        Assert.Equal(SideReason.HostNetwork, _world.Ask("external", "shop/host").Ingress.Reason);
        Assert.Equal(SideReason.HostNetwork, _world.Ask("shop/host", "external").Egress.Reason);
        Assert.Equal(SideReason.OwnNode, _world.Ask("shop/host", "shop/web").Ingress.Reason);
        Assert.Equal(SideReason.NoRuleMatched, _world.Ask("shop/host", "shop/db").Ingress.Reason);
    }

    [Fact]
    public void HostNetworkPod_IsNeverASelectedPeer_ButABlockAllowsIt()
    {
        HostNetworkPod();
        _world.Policy("shop/p", ingress: [Rule([Pods("app=web"), In("")])]);
        Assert.False(_world.Allows("shop/host", "shop/db"));
        _world.Policy("shop/q", ingress: [Rule([Block("192.0.2.0/24")])]);
        Assert.True(_world.Allows("shop/host", "shop/db"));
    }

    [Fact]
    public void HostNetworkPod_OfAnUnknownNode_IsStillItsNode()
    {
        HostNetworkPod();
        _world.State.RemoveNode("n1");
        Assert.True(_world.Allows("shop/host", "shop/web"));
        Assert.False(_world.Allows("shop/host", "shop/db"));
    }

    [Fact]
    public void FinishedPod_OwnsNoAddress()
    {
        var web = _world.State.FindPod(new PodKey("shop", "web"))!;
        _world.Put(web with { Phase = PodPhase.Succeeded });
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule([Pods("app=web")])]);
        Assert.False(_world.Allows("shop/web", "shop/db"));
        Assert.Equal(SideReason.NotAPod, _world.Ask("shop/web", "shop/db").Egress.Reason);
        Assert.Equal(SideReason.NotAPod, _world.Ask("external", "shop/web").Ingress.Reason);
        _world.Policy("shop/q", Select("app=db"), ingress: [Rule([Block("10.244.0.1/32")])]);
        Assert.True(_world.Allows("shop/web", "shop/db"));
    }

    [Fact]
    public void TerminatingPod_KeepsItsPoliciesAndItsPlaceAsPeer()
    {
        var web = _world.State.FindPod(new PodKey("shop", "web"))!;
        _world.Put(web with { Terminating = true });
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule([Pods("app=web")])]);
        Assert.True(_world.Ask("shop/web", "shop/db").Ingress.Allowed);
        Assert.False(_world.Ask("shop/web", "shop/db").Egress.Allowed);
        Assert.False(_world.Allows("external", "shop/web"));
    }

    [Fact]
    public void ContestedAddress_BelongsToTheYoungerPod()
    {
        var web = _world.State.FindPod(new PodKey("shop", "web"))!;
        _world.Namespace("other");
        _world.Put(
            new Pod
            {
                Key = new PodKey("other", "new"),
                Labels = LabelSet.Of(("app", "new")),
                NodeName = "n2",
                Phase = PodPhase.Running,
                CreatedAt = 99,
                Addresses = web.Addresses,
            }
        );
        var verdict = _world.Ask("external", "shop/web");
        Assert.True(verdict.Allowed);
        Assert.Equal(new PodKey("other", "new"), verdict.Ingress.Pod);
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule([Pods("app=web")])]);
        Assert.False(_world.Allows("shop/web", "shop/db"));
        _world.Policy(
            "shop/q",
            Select("app=db"),
            ingress: [Rule([new SelectorPeer(LabelSelector.Everything, Select("app=new"))])]
        );
        Assert.True(_world.Allows("shop/web", "shop/db"));
    }

    [Fact]
    public void ContestedAddress_BelongsToARunningPodBeforeATerminatingOne()
    {
        var web = _world.State.FindPod(new PodKey("shop", "web"))!;
        _world.Namespace("other");
        _world.Put(web with { Key = new PodKey("other", "going"), CreatedAt = 99, Terminating = true });
        Assert.Equal(web.Key, _world.Ask("external", "other/going").Ingress.Pod);
    }

    [Fact]
    public void Address_IsResolvedToItsOwner()
    {
        Assert.Equal(new PodKey("shop", "db"), FlowEndpoint.Resolve(_world.State, IpAddress.Parse("10.244.0.2")).Pod);
        Assert.Equal("n2", FlowEndpoint.Resolve(_world.State, IpAddress.Parse("2001:db8::2")).Node);
        Assert.True(FlowEndpoint.Resolve(_world.State, IpAddress.Parse("203.0.113.1")).IsExternal);
    }

    [Fact]
    public void PodWithoutAddress_OwnsNothing()
    {
        var web = _world.State.FindPod(new PodKey("shop", "web"))!;
        _world.Put(web with { Addresses = [] });
        Assert.True(FlowEndpoint.Resolve(_world.State, IpAddress.Parse("10.244.0.1")).IsExternal);
    }

    [Fact]
    public void BothFamilies_HaveTheSameVerdict()
    {
        _world.Policy("shop/p", ingress: [Rule([Pods("app=web")])], egress: [Rule([Pods("app=db")])]);
        foreach (var family in IpFamilies.All)
        {
            Assert.True(_world.Allows("shop/web", "shop/db", family: family));
            Assert.False(_world.Allows("shop/db", "shop/web", family: family));
        }
    }
}
