using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.Evaluation.Tests;

public sealed class VerdictTextTests
{
    private readonly World _world = new();

    public VerdictTextTests()
    {
        _world.Pod("shop/web", "app=web");
        _world.Pod("shop/db", "app=db", "n2");
    }

    private string Explain(string from, string to, int port = 80) => VerdictText.Explain(_world.Ask(from, to, port));

    [Fact]
    public void Explain_NotIsolated_SaysThatNoPolicySelects()
    {
        Assert.Equal(
            """
            shop/web (10.244.0.1) -> shop/db (10.244.0.2) 80/TCP: allowed
            Not affecting egress traffic: no policy selects shop/web for egress.
            Not affecting ingress traffic: no policy selects shop/db for ingress.
            """,
            Explain("shop/web", "shop/db")
        );
    }

    [Fact]
    public void Explain_Allowed_NamesPolicyFieldAndLine()
    {
        var rule = new PolicyRule(
            [new SelectorPeer(null, Select("app=none"), 11), new SelectorPeer(null, Select("app=web"), 14)],
            [Port(80), Range(90, 99)],
            10
        );
        _world.Policy("shop/p", Select("app=db"), ingress: [rule]);
        Assert.Equal(
            """
            shop/web (10.244.0.1) -> shop/db (10.244.0.2) 80/TCP: allowed
            Not affecting egress traffic: no policy selects shop/web for egress.
            Allowing ingress traffic: shop/p spec.ingress[0].from[1] matches pods with app=web in namespace shop, port 80/TCP (policies.yaml:14).
            """,
            Explain("shop/web", "shop/db")
        );
    }

    [Fact]
    public void Explain_Denied_NamesPartialMatches()
    {
        var byPort = new PolicyRule([In("team=b", "app=mon"), Block("10.0.0.0/8", "10.244.0.0/16")], [Port(80)], 7);
        var byPeer = new PolicyRule([Pods("app=web")], [Named("http"), Range(90, 99), Every(Protocol.Udp)], 9);
        var neither = new PolicyRule([Pods("app=none")], [Port(81)], 12);
        _world.Policy("shop/p", Select("app=db"), ingress: [byPort, byPeer, neither, Rule(null, [Port(82)])]);
        _world.Policy("shop/a-empty", ingress: []);
        Assert.Equal(
            """
            shop/web (10.244.0.1) -> shop/db (10.244.0.2) 80/TCP: denied by ingress
            Not affecting egress traffic: no policy selects shop/web for egress.
            Denying ingress traffic: shop/db is isolated for ingress connectivity by shop/a-empty and shop/p, and no rule matches.
              shop/a-empty has no ingress rule: selected pods are isolated for ingress connectivity (policies.yaml:1).
              shop/p spec.ingress[0] matches the port, but not the source: pods with app=mon in namespaces with team=b or addresses in 10.0.0.0/8 except 10.244.0.0/16 (policies.yaml:7).
              shop/p spec.ingress[1].from[0] matches (pods with app=web in namespace shop), but the port does not: "http"/TCP, 90-99/TCP, <any>/UDP (policies.yaml:9).
              shop/p spec.ingress[3] is not restricted by source, but the port does not match: 82/TCP (policies.yaml:1).
              shop/p: 1 rule matches neither the source nor the port (policies.yaml:1).
            """,
            Explain("shop/web", "shop/db")
        );
    }

    [Fact]
    public void Explain_NodesSelfAndExternal_SayWhyPoliciesDoNotApply()
    {
        _world.Policy("shop/p", ingress: [Rule()], egress: []);
        Assert.Contains(
            "node:n1 (192.0.2.1) is the node that shop/web runs on",
            Explain("node:n1", "shop/web"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Not affecting egress traffic of 198.51.100.7: policies apply to pods only.",
            Explain("external", "shop/web"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "spec.ingress[0] is not restricted by source, all ports",
            Explain("external", "shop/web"),
            StringComparison.Ordinal
        );
        Assert.Contains("shop/web always reaches itself", Explain("shop/web", "shop/web"), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_PodThatLostItsAddress_NamesTheOwner()
    {
        var web = _world.State.FindPod(new PodKey("shop", "web"))!;
        _world.Put(web with { Key = new PodKey("shop", "heir"), CreatedAt = 99 });
        Assert.Contains(
            "Note: 10.244.0.1 belongs to shop/heir, not to shop/web",
            Explain("external", "shop/web"),
            StringComparison.Ordinal
        );
        _world.State.RemovePod(new PodKey("shop", "heir"));
        _world.Put(web with { Phase = PodPhase.Failed });
        Assert.Contains(
            "Note: 10.244.0.1 is not, or no longer, an address of shop/web.",
            Explain("external", "shop/web"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Explain_HostNetworkPod_SaysThatItIsItsNode()
    {
        var host = _world.Put(
            new Pod
            {
                Key = new PodKey("shop", "host"),
                HostNetwork = true,
                NodeName = "n1",
                Addresses = [IpAddress.Parse("192.0.2.1")],
            }
        );
        var verdict = _world.Evaluator.Evaluate(
            new Flow(FlowEndpoint.Of(host, host.Addresses[0]), _world.End("shop/db"), Protocol.Tcp, 80)
        );
        Assert.Contains(
            "a host-network pod shares its node's addresses",
            VerdictText.Explain(verdict),
            StringComparison.Ordinal
        );
    }
}
