using CsCheck;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// The part of a node's rules that one pod's packets meet: loadable by itself, copied from the whole, and enough to
/// decide for that pod.
/// </summary>
public sealed class PodSliceTests
{
    [Fact]
    public void NftPodSlice_OfAnyRuleset_DecidesForItsPodAlone() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int)
            .Sample(
                (pair, seed) =>
                {
                    if (Address(pair.First, seed) is not { } address)
                    {
                        return;
                    }

                    var whole = RulesetLowering.Lower(pair.First);
                    var part = NftPodSlice.Of(whole, [address]);
                    using var kernel = new FakeKernel();
                    kernel.Run(TableReplacement.Whole(part));
                    Assert.All(part.Chains, chain => Assert.Equal(whole.Chains[chain.Key], chain.Value));
                    Assert.All(part.Sets, set =>
                        Assert.Subset(whole.Sets[set.Key].Elements.ToHashSet(), set.Value.Elements.ToHashSet())
                    );

                    var simulator = new PacketSimulator(kernel.Read()!);
                    var alone = Alone(pair.First, address);
                    foreach (var (hook, packet) in Packets(address, seed))
                    {
                        Assert.Equal(
                            PlainVerdicts.Allows(alone, hook, packet),
                            simulator.Send(hook, packet) == PacketVerdict.Accepted
                        );
                    }
                },
                iter: 300,
                threads: 2
            );

    [Fact]
    public void IptPodSlice_OfAnyRuleset_DecidesForItsPodAlone() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int)
            .Sample(
                (pair, seed) =>
                {
                    if (Address(pair.First, seed) is not { } address)
                    {
                        return;
                    }

                    var whole = IptLowering.Lower(pair.First);
                    var part = IptPodSlice.Of(whole, [address]);
                    var kernel = new FakeIptables();
                    Load(kernel, part);
                    Assert.Empty(IptDiff.Describe(part, kernel.Read()));
                    Assert.All(part.Sets, set =>
                        Assert.Subset(whole.Sets[set.Key].Elements.ToHashSet(), set.Value.Elements.ToHashSet())
                    );

                    var simulator = new IptSimulator(kernel);
                    var alone = Alone(pair.First, address);
                    foreach (var (hook, packet) in Packets(address, seed))
                    {
                        Assert.Equal(
                            PlainVerdicts.Allows(alone, hook, packet),
                            simulator.Trace(hook == HookPoint.Input ? "INPUT" : "FORWARD", packet)
                                == PacketVerdict.Accepted
                        );
                    }
                },
                iter: 300,
                threads: 2
            );

    [Fact]
    public void IptLoading_OfAnyRuleset_LeavesNoDifference() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                var kernel = new FakeIptables();
                Load(kernel, IptLowering.Lower(pair.First));
                using var dataplane = new IptablesDataplane(kernel);
                Assert.Empty(dataplane.Verify(pair.First));
            },
            iter: 200,
            threads: 2
        );

    [Fact]
    public void Source_OfAnyRuleset_NamesThePoliciesOfEveryRuleOfAFence() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                var table = RulesetLowering.Lower(pair.First);
                foreach (
                    var rule in table
                        .Chains.Values.Where(chain =>
                            pair.First.Fences.Keys.Any(fence => chain.Name.StartsWith(fence, StringComparison.Ordinal))
                        )
                        .SelectMany(static chain => chain.Rules)
                )
                {
                    AssertNamed(rule.Source, rule.Comment!);
                }

                foreach (
                    var rule in IptLowering
                        .Lower(pair.First)
                        .Chains.Values.SelectMany(static chains => chains.Values)
                        .SelectMany(static chain => chain.Rules)
                )
                {
                    AssertNamed(rule.Source, rule.Comment);
                }
            },
            iter: 200,
            threads: 2
        );

    // Rules that continue inside a fence, and rules that are the same on every node, have no source.
    private static void AssertNamed(RuleSource? source, string comment)
    {
        var first = (source?.Rule?.Policies ?? source?.Fence.Policies)?[0].ToString();
        Assert.True(
            first is null
                ? !comment.StartsWith('n') || !comment.StartsWith("ns", StringComparison.Ordinal)
                : comment.Contains(first, StringComparison.Ordinal),
            $"'{comment}' has source {first}"
        );
    }

    private static void Load(FakeIptables kernel, IptRuleset rules)
    {
        var loading = IptLoading.Of(rules);
        kernel.RestoreSets(loading.Ipset.ToString());
        foreach (var (family, script) in loading.Tables)
        {
            kernel.RestoreTable(family, script.ToString());
        }
    }

    private static IpAddress? Address(Ruleset ruleset, int seed) =>
        ruleset.Endpoints.Count == 0
            ? null
            : ruleset.Endpoints.Keys.Order().ElementAt(new Random(seed).Next(ruleset.Endpoints.Count));

    private static Ruleset Alone(Ruleset ruleset, IpAddress address) =>
        ruleset with
        {
            Endpoints = ruleset
                .Endpoints.Where(endpoint => endpoint.Key == address)
                .ToDictionary(static pair => pair.Key, static pair => pair.Value),
        };

    private static IEnumerable<(HookPoint Hook, Packet Packet)> Packets(IpAddress address, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var other = RandomRulesets.Address(address.Family, random.Next(12));
            var (source, destination) = random.Next(2) == 0 ? (address, other) : (other, address);
            yield return (
                random.Next(4) == 0 ? HookPoint.Input : HookPoint.Forward,
                Packet.Of(source, destination, random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp, random.Next(14))
            );
        }
    }
}
