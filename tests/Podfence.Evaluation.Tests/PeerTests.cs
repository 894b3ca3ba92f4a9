using Podfence.Base;
using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.Evaluation.Tests;

/// <summary>semantics.md S4 and S6: which endpoints a peer matches.</summary>
public sealed class PeerTests
{
    private readonly World _world = new();

    public PeerTests()
    {
        _world
            .Namespace("shop", ("team", "a"))
            .Namespace("ops", ("team", "b"), ("env", "prod"))
            .Namespace("dev", ("env", "dev"));
        _world.Pod("shop/db", "app=db"); // 10.244.0.1
        _world.Pod("shop/web", "app=web,tier=front"); // 10.244.0.2
        _world.Pod("shop/plain", node: "n2"); // 10.244.0.3
        _world.Pod("ops/web", "app=web"); // 10.244.0.4
        _world.Pod("ops/mon", "app=mon", "n2"); // 10.244.0.5
        _world.Pod("dev/web", "app=web,tier="); // 10.244.0.6
    }

    private static LabelSelector Where(string key, LabelOperator how, params string[] values) =>
        new() { Requirements = [new LabelRequirement(key, how, values.ToEquatableArray())] };

    private void AssertReach(PolicyPeer[] peers, params string[] allowed)
    {
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule(peers)]);
        string[] all = ["shop/web", "shop/plain", "ops/web", "ops/mon", "dev/web", "node:n2", "external"];
        Assert.Equal(allowed, all.Where(from => _world.Allows(from, "shop/db")));
    }

    [Fact]
    public void PodSelectorAlone_MatchesThePolicysNamespace() => AssertReach([Pods("app=web")], "shop/web");

    [Fact]
    public void EmptyPodSelector_MatchesAllPodsOfTheNamespace() => AssertReach([Pods("")], "shop/web", "shop/plain");

    [Fact]
    public void NamespaceSelectorAlone_MatchesAllItsPods() => AssertReach([In("team=b")], "ops/web", "ops/mon");

    [Fact]
    public void EmptyNamespaceSelector_MatchesAllPodsAndNothingElse() =>
        AssertReach([In("")], "shop/web", "shop/plain", "ops/web", "ops/mon", "dev/web");

    [Fact]
    public void NamespaceByName_IsSelectedByTheServersLabel() =>
        AssertReach([In("kubernetes.io/metadata.name=dev")], "dev/web");

    [Fact]
    public void TwoSelectorsInOneItem_MustBothMatch() => AssertReach([In("team=b", "app=web")], "ops/web");

    [Fact]
    public void TwoItems_MatchIfOneDoes_AndPodSelectorKeepsItsNamespace() =>
        AssertReach([In("team=b"), Pods("app=web")], "shop/web", "ops/web", "ops/mon");

    [Fact]
    public void NotIn_KeyAbsent_Matches() =>
        AssertReach([new SelectorPeer(null, Where("app", LabelOperator.NotIn, "web"))], "shop/plain");

    [Fact]
    public void DoesNotExist_KeyAbsent_Matches() =>
        AssertReach([new SelectorPeer(Where("team", LabelOperator.DoesNotExist), null)], "dev/web");

    [Fact]
    public void Exists_NeedsTheKey() =>
        AssertReach(
            [new SelectorPeer(LabelSelector.Everything, Where("tier", LabelOperator.Exists))],
            "shop/web",
            "dev/web"
        );

    [Fact]
    public void EmptyValue_NeedsTheKeyWithAnEmptyValue() =>
        AssertReach([new SelectorPeer(LabelSelector.Everything, LabelSelector.MatchLabels(("tier", "")))], "dev/web");

    [Fact]
    public void SeveralRequirements_MustAllMatch() =>
        AssertReach(
            [
                new SelectorPeer(
                    LabelSelector.Everything,
                    new LabelSelector
                    {
                        Requirements =
                        [
                            LabelRequirement.Equal("app", "web"),
                            new("tier", LabelOperator.NotIn, ["front"]),
                        ],
                    }
                ),
            ],
            "ops/web",
            "dev/web"
        );

    [Fact]
    public void UnreadableSelector_MatchesNothing()
    {
        var unreadable = new LabelSelector { Unreadable = true };
        AssertReach([
            new SelectorPeer(null, unreadable),
            new SelectorPeer(unreadable, null),
            new SelectorPeer(unreadable, LabelSelector.Everything),
        ]);
    }

    [Fact]
    public void UnknownNamespace_MatchesNoNamespaceSelector()
    {
        _world.State.RemoveNamespace("ops");
        AssertReach(
            [In(""), new SelectorPeer(Where("team", LabelOperator.DoesNotExist), null)],
            "shop/web",
            "shop/plain",
            "dev/web"
        );
    }

    [Fact]
    public void UnknownOwnNamespace_StillMatchesPodSelector()
    {
        _world.State.RemoveNamespace("shop");
        AssertReach([Pods("")], "shop/web", "shop/plain");
    }

    [Fact]
    public void IpBlock_MatchesPodsNodesAndExternalAddresses()
    {
        AssertReach(
            [Block("10.244.0.2/32"), Block("192.0.2.0/24"), Block("198.51.100.0/25")],
            "shop/web",
            "node:n2",
            "external"
        );
    }

    [Fact]
    public void IpBlock_Everything_MatchesAnyPeerOfItsFamilyOnly()
    {
        AssertReach(
            [Block("0.0.0.0/0")],
            "shop/web",
            "shop/plain",
            "ops/web",
            "ops/mon",
            "dev/web",
            "node:n2",
            "external"
        );
        Assert.False(_world.Allows("shop/web", "shop/db", family: IpFamily.IPv6));
        Assert.False(_world.Allows("external", "shop/db", family: IpFamily.IPv6));
    }

    [Fact]
    public void IpBlock_EverythingOfIPv6_LeavesIPv4Isolated()
    {
        AssertReach([Block("::/0")]);
        Assert.True(_world.Allows("external", "shop/db", family: IpFamily.IPv6));
    }

    [Fact]
    public void Except_IsRemovedFromItsBlock() =>
        AssertReach([Block("10.244.0.0/24", "10.244.0.2/31", "10.244.0.6/32")], "ops/web", "ops/mon");

    [Fact]
    public void Except_DoesNotDeny_AnotherPeerMayAllow() =>
        AssertReach(
            [Block("10.244.0.0/24", "10.244.0.2/31"), Block("10.244.0.3/32"), Block("10.244.0.0/16", "10.244.0.4/30")],
            "shop/web",
            "shop/plain",
            "ops/web",
            "ops/mon",
            "dev/web"
        );

    [Fact]
    public void Except_DoesNotDeny_AnotherPolicyMayAllow()
    {
        _world.Policy("shop/q", Select("app=db"), ingress: [Rule([Pods("app=web")])]);
        AssertReach([Block("10.244.0.0/24", "10.244.0.0/29")], "shop/web");
    }

    [Theory]
    [InlineData("198.51.100.0", true)]
    [InlineData("198.51.100.63", true)]
    [InlineData("198.51.100.64", false)]
    [InlineData("198.51.100.127", false)]
    [InlineData("198.51.100.128", true)]
    [InlineData("198.51.100.255", true)]
    [InlineData("198.51.101.0", false)]
    public void IpBlock_BoundariesAreInclusive(string from, bool allowed)
    {
        _world.Policy("shop/p", Select("app=db"), ingress: [Rule([Block("198.51.100.0/24", "198.51.100.64/26")])]);
        Assert.Equal(allowed, _world.Allows(from, "shop/db"));
    }

    [Fact]
    public void Egress_PeersMatchTheDestination()
    {
        _world.Policy(
            "shop/p",
            Select("app=db"),
            egress: [Rule([Pods("app=web"), In("env=prod", "app=mon"), Block("198.51.100.0/24")])]
        );
        string[] all = ["shop/web", "shop/plain", "ops/web", "ops/mon", "dev/web", "node:n2", "external"];
        Assert.Equal(["shop/web", "ops/mon", "external"], all.Where(to => _world.Allows("shop/db", to)));
    }
}
