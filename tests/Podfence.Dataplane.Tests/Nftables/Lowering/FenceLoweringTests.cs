using Podfence.Base;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

public sealed class FenceLoweringTests
{
    private static readonly PolicyKey s_policy = new("default", "a");
    private static readonly SetId s_pods = new("pods/default/role.web-v4", SetKind.Addresses, IpFamily.IPv4);
    private static readonly SetId s_ranges = new("ranges-v4/12ab", SetKind.Ranges, IpFamily.IPv4);
    private static readonly SetId s_endpoints = new("ports/http-v4", SetKind.Endpoints, IpFamily.IPv4);

    [Fact]
    public void Lower_AnyoneOnAnyPort_ReturnsWithoutMatch() =>
        AssertAllow(new AllowRule(null, null, [s_policy]), Direction.Ingress);

    [Fact]
    public void Lower_PeerOfIngress_MatchesTheSource() =>
        AssertAllow(
            new AllowRule(s_pods, null, [s_policy]),
            Direction.Ingress,
            new AddressMatch(PacketEnd.Source, IpFamily.IPv4, s_pods.Name)
        );

    [Fact]
    public void Lower_PeerOfEgress_MatchesTheDestination() =>
        AssertAllow(
            new AllowRule(s_ranges, null, [s_policy]),
            Direction.Egress,
            new AddressMatch(PacketEnd.Destination, IpFamily.IPv4, s_ranges.Name)
        );

    [Fact]
    public void Lower_PeerAndPort_MatchesBoth()
    {
        var ports = new PortRange(Protocol.Tcp, 6379, 6379);
        AssertAllow(
            new AllowRule(s_pods, ports, [s_policy]),
            Direction.Ingress,
            new PortMatch(ports),
            new AddressMatch(PacketEnd.Source, IpFamily.IPv4, s_pods.Name)
        );
    }

    [Fact]
    public void Lower_WholeProtocol_MatchesTheProtocolAlone() =>
        AssertAllow(
            new AllowRule(null, PortRange.WholeProtocol(Protocol.Sctp), [s_policy]),
            Direction.Egress,
            new L4ProtocolMatch(132)
        );

    [Fact]
    public void Lower_Endpoints_MatchAddressProtocolAndPort() =>
        AssertAllow(
            new AllowRule(s_endpoints, null, [s_policy]),
            Direction.Egress,
            new EndpointMatch(IpFamily.IPv4, s_endpoints.Name)
        );

    [Fact]
    public void Lower_NoRules_OnlyDenies()
    {
        var chain = Assert.Single(FenceLowering.Lower(Fence(Direction.Ingress)).Chains);
        Assert.Equal("default/a", chain.Comment);
        Assert.Equal(TableLayout.Rule("isolated by default/a", NftVerdict.Goto("deny")), Assert.Single(chain.Rules));
    }

    [Fact]
    public void Lower_BranchesOfSinglePorts_GoThroughAHashedMap()
    {
        var http = new PortRange(Protocol.Tcp, 80, 80);
        var dns = new PortRange(Protocol.Udp, 53, 53);
        var lowered = FenceLowering.Lower(
            Fence(Direction.Ingress) with
            {
                Branches =
                [
                    new PortBranch(http, [new AllowRule(s_pods, null, [s_policy])]),
                    new PortBranch(dns, [new AllowRule(null, null, [s_policy])]),
                ],
            }
        );

        Assert.Equal(new NftSet("ingress/default/a/ports", NftKey.Port, null, HasVerdicts: true), lowered.Ports!.Set);
        Assert.Equal(
            [
                new NftElement(default, http, NftVerdict.Goto("ingress/default/a/tcp-80")),
                new NftElement(default, dns, NftVerdict.Return, "default/a"),
            ],
            lowered.Ports.Elements
        );
        Assert.Equal(["ingress/default/a", "ingress/default/a/tcp-80"], lowered.Chains.Select(chain => chain.Name));
        Assert.Equal(new PortVerdictMap("ingress/default/a/ports"), lowered.Chains[0].Rules[0].Statements[0]);
        Assert.Equal(new VerdictStatement(NftVerdict.Goto("deny")), lowered.Chains[1].Rules[1].Statements[0]);
    }

    [Fact]
    public void Lower_BranchesOfRanges_GoThroughAMapNamedByContent()
    {
        var wide = Branches(new PortRange(Protocol.Tcp, 80, 90));
        var wider = Branches(new PortRange(Protocol.Tcp, 80, 91));
        Assert.Equal(NftKey.PortRange, wide.Set.Key);
        Assert.StartsWith("ingress/default/a/port-ranges-", wide.Set.Name);
        Assert.NotEqual(wide.Set.Name, wider.Set.Name);
        Assert.Equal(wide.Set.Name, Branches(new PortRange(Protocol.Tcp, 80, 90)).Set.Name);

        static NftSetContent Branches(PortRange span) =>
            FenceLowering
                .Lower(
                    Fence(Direction.Ingress) with
                    {
                        Branches = [new PortBranch(span, [new AllowRule(s_pods, null, [s_policy])])],
                    }
                )
                .Ports!;
    }

    [Fact]
    public void Lower_LongestNames_KeepToTheKernelsLimits()
    {
        var lowered = FenceLowering.Lower(
            Fence(Direction.Ingress) with
            {
                Name = "i" + new string('x', 119),
                Policies =
                [
                    .. Enumerable
                        .Range(0, 50)
                        .Select(i => new PolicyKey(new string('n', 63), $"{new string('p', 200)}{i}")),
                ],
                Branches =
                [
                    new PortBranch(
                        new PortRange(Protocol.Sctp, 10000, 20000),
                        [new AllowRule(s_pods, null, [s_policy])]
                    ),
                ],
            }
        );
        Assert.All(lowered.Chains, chain =>
            Assert.True(NftLimits.IsName(chain.Name) && chain.Comment!.Length <= NftComment.MaxBytes)
        );
        Assert.All(lowered.Chains.SelectMany(chain => chain.Rules), rule =>
            Assert.True(rule.Comment!.Length <= NftComment.MaxBytes)
        );
        Assert.True(NftLimits.IsName(lowered.Ports!.Set.Name));
        Assert.EndsWith(".. and 49 more", lowered.Chains[0].Comment);
    }

    [Fact]
    public void Comment_ManyPolicies_NamesWhatFitsAndCountsTheRest()
    {
        var comment = PolicyComment.Of(
            NftComment.MaxBytes,
            Enumerable.Range(1, 100).Select(i => new PolicyKey("default", $"policy-{i}")).ToEquatableArray()
        );
        Assert.StartsWith("default/policy-1, default/policy-2, ", comment);
        Assert.EndsWith(" and 94 more", comment);
        Assert.Equal(
            "default/a, default/b",
            PolicyComment.Of(NftComment.MaxBytes, [s_policy, new PolicyKey("default", "b")])
        );
    }

    private static void AssertAllow(AllowRule rule, Direction direction, params NftStatement[] matches)
    {
        var chain = FenceLowering.Lower(Fence(direction) with { Rules = [rule] }).Chains[0];
        Assert.Equal(2, chain.Rules.Count);
        Assert.Equal(TableLayout.Rule("default/a", NftVerdict.Return, matches), chain.Rules[0]);
    }

    private static Fence Fence(Direction direction) =>
        new()
        {
            Name = direction == Direction.Ingress ? "ingress/default/a" : "egress/default/a",
            Direction = direction,
            Family = IpFamily.IPv4,
            Policies = [s_policy],
        };
}
