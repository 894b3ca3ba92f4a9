using Podfence.Dataplane.Iptables;
using Podfence.Model;

namespace Podfence.Dataplane.Tests;

public sealed class DispatchLoweringTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(250, 5)]
    [InlineData(5_000, 6)]
    public void Lower_ManyFences_TreeIsNoDeeperThanTheLogarithm(int fences, int deepest)
    {
        var members = Members(fences);
        var tables = DispatchLowering.Lower(
            members,
            members
                .Keys.Select(static member => member.Chain)
                .Distinct()
                .ToDictionary(static chain => chain, static _ => "isolated")
        );
        var chains = tables.Chains[IpFamily.IPv4];

        Assert.InRange(
            chains.Keys.Max(static name =>
                name.StartsWith("PODFENCE-EGRESS-", StringComparison.Ordinal) ? name.Length - 15 : 1
            ),
            1,
            deepest
        );
        Assert.Equal(
            fences,
            chains
                .Values.SelectMany(static chain => chain.Rules)
                .Count(static rule => rule.Target.StartsWith("-j PODFENCE-F", StringComparison.Ordinal))
        );
        Assert.All(
            chains.Values.Where(static chain =>
                chain.Rules.Any(static rule => !rule.Target.StartsWith("-j PODFENCE-F", StringComparison.Ordinal))
            ),
            static chain => Assert.InRange(chain.Rules.Count, 1, 4)
        );
        Assert.Equal(fences, tables.Sets["PODFENCE-EGRESS4"].Elements.Count);
    }

    [Fact]
    public void Lower_OtherOrder_SameTables()
    {
        var members = Members(40);
        var comments = members.Keys.ToDictionary(static member => member.Chain, static _ => "isolated");
        var one = DispatchLowering.Lower(members, comments);
        var other = DispatchLowering.Lower(members.Reverse().ToDictionary(), comments);

        Assert.Equal(one.Sets.Keys.Order(), other.Sets.Keys.Order());
        Assert.All(one.Chains[IpFamily.IPv4], chain =>
            Assert.Equal(chain.Value.Lines(SetView.Plain), other.Chains[IpFamily.IPv4][chain.Key].Lines(SetView.Plain))
        );
    }

    [Fact]
    public void Lower_NoMembers_OnlyEmptyRoots()
    {
        var tables = DispatchLowering.Lower(new Dictionary<Membership, string>(), new Dictionary<string, string>());

        Assert.Equal(
            ["PODFENCE-EGRESS4", "PODFENCE-EGRESS6", "PODFENCE-INGRESS4", "PODFENCE-INGRESS6", "PODFENCE-LINK-LOCAL6"],
            tables.Sets.Keys.Order(StringComparer.Ordinal)
        );
        Assert.All(tables.Sets.Values, static set => Assert.Empty(set.Elements));
    }

    private static Dictionary<Membership, string> Members(int fences) =>
        Enumerable
            .Range(0, fences)
            .ToDictionary(
                static i => new Membership(
                    Direction.Egress,
                    new IpAddress(IpFamily.IPv4, (UInt128)(0x0a000000 + i)),
                    IptNames.Chain('F', $"{i}")
                ),
                static i => $"default/pod{i}"
            );
}
