using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.Evaluation.Tests;

/// <summary>semantics.md S1 to S3: which pods are isolated, and the effect of empty lists.</summary>
public sealed class IsolationTests
{
    private readonly World _world = new();

    public IsolationTests()
    {
        _world.Pod("shop/web", "app=web");
        _world.Pod("shop/db", "app=db", "n2");
        _world.Pod("other/web", "app=web");
    }

    [Theory]
    [InlineData("shop/web", "shop/db")]
    [InlineData("external", "shop/db")]
    [InlineData("node:n1", "shop/db")]
    [InlineData("shop/web", "external")]
    [InlineData("shop/web", "node:n2")]
    public void Evaluate_WithoutPolicies_AllowsEverything(string from, string to)
    {
        Assert.True(_world.Allows(from, to));
    }

    [Fact]
    public void Evaluate_NoPolicy_IsNotIsolated()
    {
        var verdict = _world.Ask("shop/web", "shop/db");
        Assert.Equal((SideReason.NotIsolated, SideReason.NotIsolated), (verdict.Egress.Reason, verdict.Ingress.Reason));
    }

    [Fact]
    public void Evaluate_IngressPolicyWithoutRules_DeniesIngressOnly()
    {
        _world.Policy("shop/p", Select("app=db"), ingress: []);
        var verdict = _world.Ask("shop/web", "shop/db");
        Assert.False(verdict.Allowed);
        Assert.Equal(SideReason.NoRuleMatched, verdict.Ingress.Reason);
        Assert.Equal("p", Assert.Single(verdict.Ingress.Isolating).Key.Name);
        Assert.True(_world.Allows("shop/db", "shop/web"));
        Assert.True(_world.Allows("shop/db", "external"));
        Assert.False(_world.Allows("external", "shop/db"));
    }

    [Fact]
    public void Evaluate_EgressPolicyWithoutRules_DeniesEgressOnly()
    {
        _world.Policy("shop/p", Select("app=db"), egress: []);
        Assert.False(_world.Allows("shop/db", "shop/web"));
        Assert.False(_world.Allows("shop/db", "external"));
        Assert.True(_world.Allows("shop/web", "shop/db"));
    }

    [Fact]
    public void Evaluate_BothSidesArePods_BothMustAllow()
    {
        _world.Policy("shop/in", Select("app=db"), ingress: [Rule([Pods("app=web")])]);
        Assert.True(_world.Allows("shop/web", "shop/db"));
        _world.Policy("shop/out", Select("app=web"), egress: [Rule([Pods("app=cache")])]);
        var verdict = _world.Ask("shop/web", "shop/db");
        Assert.Equal((false, true), (verdict.Egress.Allowed, verdict.Ingress.Allowed));
    }

    [Fact]
    public void Evaluate_PolicyOfAnotherNamespace_DoesNotSelect()
    {
        _world.Policy("other/p", Select("app=db"), ingress: []);
        Assert.True(_world.Allows("shop/web", "shop/db"));
    }

    [Fact]
    public void Evaluate_SeveralPolicies_AreAdditive()
    {
        _world.Policy("shop/deny", ingress: []);
        _world.Policy("shop/web", Select("app=db"), ingress: [Rule([Pods("app=web")])]);
        _world.Policy("shop/none", Select("app=db"), ingress: [Rule([Pods("app=none")])]);
        var verdict = _world.Ask("shop/web", "shop/db");
        Assert.True(verdict.Allowed);
        Assert.Equal(["deny", "none", "web"], verdict.Ingress.Isolating.Select(policy => policy.Key.Name));
        var match = Assert.Single(verdict.Ingress.Matches);
        Assert.Equal("spec.ingress[0].from[0]", match.PeerField);
    }

    [Fact]
    public void Evaluate_RuleWithPeerAndPort_NeedsBoth()
    {
        _world.Policy(
            "shop/p",
            Select("app=db"),
            ingress: [Rule([Pods("app=web")], [Port(80)]), Rule([Pods("app=x")], [Port(81)])]
        );
        Assert.True(_world.Allows("shop/web", "shop/db", 80));
        Assert.False(_world.Allows("shop/web", "shop/db", 81));
        Assert.False(_world.Allows("external", "shop/db", 80));
    }

    [Fact]
    public void Evaluate_EmptyRule_AllowsAnyPeerAndEveryProtocol()
    {
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule()]);
        Assert.All(["shop/web", "other/web", "node:n1", "external"], from =>
            Assert.True(_world.Allows(from, "shop/db", 1, Protocol.Sctp))
        );
        Assert.True(
            _world.Evaluator.Evaluate(Flow.OfOtherProtocol(_world.End("external"), _world.End("shop/db"))).Allowed
        );
    }

    [Fact]
    public void Evaluate_RulesOfADirectionThatTypesLack_AreIgnored()
    {
        _world.State.Upsert(
            new NetworkPolicy
            {
                Key = new PolicyKey("shop", "p"),
                IsolatesEgress = true,
                Ingress = [Rule([Pods("app=none")])],
                Egress = [Rule()],
            }
        );
        Assert.True(_world.Allows("external", "shop/db"));
        Assert.True(_world.Allows("shop/db", "external"));
    }

    [Fact]
    public void Evaluate_EmptyPolicy_IsolatesTheWholeNamespaceForIngress()
    {
        _world.Policy("shop/p", ingress: []);
        Assert.False(_world.Allows("shop/web", "shop/db"));
        Assert.False(_world.Allows("shop/db", "shop/web"));
        Assert.True(_world.Allows("shop/db", "other/web"));
    }

    [Fact]
    public void Evaluate_UnreadableSubject_IsolatesEveryPodOfTheNamespace()
    {
        _world.Policy("shop/p", new LabelSelector { Unreadable = true }, ingress: [Rule([Pods("app=web")])]);
        Assert.True(_world.Allows("shop/web", "shop/db"));
        Assert.False(_world.Allows("external", "shop/web"));
        Assert.True(_world.Allows("external", "other/web"));
    }

    [Fact]
    public void Evaluate_OtherProtocol_IsAllowedOnlyByARuleWithoutPorts()
    {
        _world.Policy(
            "shop/p",
            Select("app=db"),
            ingress: [Rule([Pods("app=web")]), Rule(null, [Every(), Every(Protocol.Udp), Every(Protocol.Sctp)])]
        );
        Assert.True(_world.Evaluator.IsAllowed(Flow.OfOtherProtocol(_world.End("shop/web"), _world.End("shop/db"))));
        Assert.False(_world.Evaluator.IsAllowed(Flow.OfOtherProtocol(_world.End("external"), _world.End("shop/db"))));
    }

    [Fact]
    public void Flow_OfTwoFamilies_Throws()
    {
        Assert.Throws<ArgumentException>(() =>
            new Flow(_world.End("shop/web"), _world.End("shop/db", IpFamily.IPv6), Protocol.Tcp, 80)
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void Flow_PortOutOfRange_Throws(int port)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Flow(_world.End("shop/web"), _world.End("shop/db"), Protocol.Tcp, port)
        );
    }
}
