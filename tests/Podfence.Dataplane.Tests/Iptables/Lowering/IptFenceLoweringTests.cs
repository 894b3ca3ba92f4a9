using Podfence.Base;
using Podfence.Dataplane.Iptables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

public sealed class IptFenceLoweringTests
{
    private static readonly SetId s_peer = new("pods/a", SetKind.Addresses, IpFamily.IPv4);

    [Fact]
    public void Lower_TheArticle_ChainsAreThoseOfItsPicture()
    {
        var fence = FenceLowering.Lower(Article.Ruleset.Fences[Article.Ingress]);

        Assert.Equal(2, fence.Chains.Count);
        Assert.Equal(
            [$"-m comment --comment \"isolated by default/test-network-policy\" -g {fence.Chains[1].Name}"],
            fence.Chains[0].Lines(SetView.Plain)
        );
        Assert.Equal(
            [
                .. new[] { Article.Blocks, Article.Project, Article.Frontends }.Select(static set =>
                    $"-p tcp -m tcp --dport 6379 -m set --match-set {IptNames.PeerSet(set)} src -m comment "
                    + $"--comment \"default/test-network-policy\" -j RETURN"
                ),
                "-m comment --comment \"not allowed by default/test-network-policy\" -g PODFENCE-DENY",
            ],
            fence.Chains[1].Lines(SetView.Plain)
        );
    }

    [Fact]
    public void Lower_SeveralPolicies_EachHasAChainThatLeadsOnToTheNext()
    {
        var fence = FenceLowering.Lower(Fence(Direction.Egress, "a", "b", "c"));

        Assert.Equal(4, fence.Chains.Count);
        Assert.Equal(
            [fence.Chains[1].Name, fence.Chains[2].Name, fence.Chains[3].Name, IptNames.Deny],
            fence.Chains.Select(static chain => chain.Rules[^1].Target[3..])
        );
        Assert.All(fence.Chains.Skip(1), static chain =>
            Assert.Contains(" dst ", chain.Lines(SetView.Plain)[0], StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Lower_SameTail_ChainsAreShared()
    {
        var (one, two) = (
            FenceLowering.Lower(Fence(Direction.Egress, "a", "c")),
            FenceLowering.Lower(Fence(Direction.Egress, "b", "c"))
        );

        Assert.Equal(one.Chains[^1].Name, two.Chains[^1].Name);
        Assert.NotEqual(one.Entry, two.Entry);
    }

    [Fact]
    public void Lower_SameRulesInBothDirections_NoChainIsShared()
    {
        var anyone = Fence(Direction.Egress, "a") with
        {
            Rules = [new AllowRule(null, null, [new PolicyKey("default", "a")])],
        };

        Assert.Empty(
            FenceLowering
                .Lower(anyone)
                .Chains.Select(static chain => chain.Name)
                .Intersect(
                    FenceLowering
                        .Lower(anyone with { Direction = Direction.Ingress })
                        .Chains.Select(static chain => chain.Name)
                )
        );
    }

    [Fact]
    public void Lower_MoreThanTheKernelNests_ChainsStayWithinItsDepth()
    {
        Assert.Equal(
            IptLimits.FenceDepth,
            Depth(
                FenceLowering.Lower(Fence(Direction.Ingress, [.. Enumerable.Range(0, 40).Select(static i => $"p{i}")]))
            )
        );
        foreach (var spans in (int[])[1, 5, 4096, 4097, 65_536])
        {
            var branches = Enumerable
                .Range(0, spans)
                .Select(static port => new PortBranch(
                    new PortRange(Protocol.Tcp, (ushort)port, (ushort)port),
                    [new AllowRule(s_peer, null, [new PolicyKey("default", "a")])]
                ));
            Assert.InRange(
                Depth(
                    FenceLowering.Lower(
                        Fence(Direction.Ingress, "a") with
                        {
                            Rules = [],
                            Branches = branches.ToEquatableArray(),
                        }
                    )
                ),
                1,
                IptLimits.FenceDepth
            );
        }
    }

    [Fact]
    public void Lower_AnyName_FitsTheKernelAndItsTools()
    {
        var fence = FenceLowering.Lower(
            Fence(Direction.Ingress, [.. Enumerable.Range(0, 9).Select(static i => $"{i}{new string('ä', 250)}")])
        );

        Assert.All(fence.Chains, static chain => Assert.True(chain.Name.Length <= IptLimits.ChainName));
        Assert.True(IptNames.Added(IptNames.MemberSet(fence.Entry, IpFamily.IPv6), false).Length <= IptLimits.SetName);
        Assert.True(IptNames.Added(IptNames.PeerSet(s_peer), true).Length <= IptLimits.SetName);
        Assert.All(fence.Chains.SelectMany(static chain => chain.Lines(SetView.Plain)), static line =>
            Assert.True(System.Text.Encoding.UTF8.GetByteCount(line.Split('"')[1]) <= IptLimits.Comment)
        );
    }

    private static int Depth(LoweredFence fence)
    {
        var chains = fence.Chains.ToDictionary(static chain => chain.Name);
        var known = new Dictionary<string, int>();
        return Below(fence.Entry) - 1;

        int Below(string name)
        {
            if (!known.TryGetValue(name, out var depth))
            {
                known[name] = depth = chains.TryGetValue(name, out var chain)
                    ? 1
                        + chain.Rules.Max(rule =>
                            rule.Target.StartsWith("-g ", StringComparison.Ordinal) ? Below(rule.Target[3..]) : 0
                        )
                    : 0;
            }

            return depth;
        }
    }

    private static Fence Fence(Direction direction, params string[] policies) =>
        new()
        {
            Name = $"{direction}/x",
            Direction = direction,
            Family = IpFamily.IPv4,
            Policies = policies.Select(static name => new PolicyKey("default", name)).ToEquatableArray(),
            Rules = policies
                .Select(static name => new AllowRule(s_peer, null, [new PolicyKey("default", name)]))
                .ToEquatableArray(),
        };
}
