using CsCheck;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class LoweringPropertyTests
{
    [Fact]
    public void Apply_AnyDelta_GivesTheTableOfAReplacement() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                using var kernel = new FakeKernel();
                kernel.Run(TableReplacement.Whole(RulesetLowering.Lower(pair.First)));
                Run(
                    kernel,
                    DeltaTransition.ToChange(
                        RulesetDiff.Between(pair.First, pair.Second),
                        RulesetLowering.FencedAddresses(pair.First)
                    )
                );
                using var fresh = new FakeKernel();
                fresh.Run(TableReplacement.Whole(RulesetLowering.Lower(pair.Second)));
                AssertSame(fresh.Read()!, kernel.Read()!);
                AssertSame(RulesetLowering.Lower(pair.Second), kernel.Read()!);
            },
            iter: 1_000,
            threads: 2
        );

    [Fact]
    public void Apply_FailingAnywhere_ChangesNothing() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                using var kernel = new FakeKernel();
                kernel.Run(TableReplacement.Whole(RulesetLowering.Lower(pair.First)));
                var before = (Table: kernel.Read()!, Generation: kernel.Generation());
                foreach (
                    var operations in (IReadOnlyList<NftOperation>[])
                        [
                            DeltaTransition
                                .ToChange(
                                    RulesetDiff.Between(pair.First, pair.Second),
                                    RulesetLowering.FencedAddresses(pair.First)
                                )
                                .Preparation,
                            TableReplacement.Whole(RulesetLowering.Lower(pair.Second)),
                        ]
                )
                {
                    for (var after = 0; after <= operations.Count; after += 1 + (operations.Count / 5))
                    {
                        kernel.FailNext(new DataplaneException(DataplaneFailure.NoMemory, "injected failure"), after);
                        Assert.Throws<DataplaneException>(() => kernel.Run(operations));
                        AssertSame(before.Table, kernel.Read()!);
                        Assert.Equal(before.Generation, kernel.Generation());
                    }
                }

                // References are as before too: the same delta still goes through.
                var change = DeltaTransition.ToChange(
                    RulesetDiff.Between(pair.First, pair.Second),
                    RulesetLowering.FencedAddresses(pair.First)
                );
                kernel.Run(change.Preparation);
                kernel.Run(change.Isolation);
                before = (kernel.Read()!, kernel.Generation());
                for (var after = 0; after <= change.Switch.Count; after += 1 + (change.Switch.Count / 10))
                {
                    kernel.FailNext(new DataplaneException(DataplaneFailure.NoMemory, "injected failure"), after);
                    Assert.Throws<DataplaneException>(() => kernel.Run(change.Switch));
                    AssertSame(before.Table, kernel.Read()!);
                    Assert.Equal(before.Generation, kernel.Generation());
                }

                kernel.Run(change.Switch);
                AssertSame(RulesetLowering.Lower(pair.Second), kernel.Read()!);
            },
            iter: 150,
            threads: 2
        );

    [Fact]
    public void Prepare_AnyDelta_LeadsNowhereYet() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                var change = DeltaTransition.ToChange(
                    RulesetDiff.Between(pair.First, pair.Second),
                    RulesetLowering.FencedAddresses(pair.First)
                );
                var before = RulesetLowering.Lower(pair.First);
                Assert.All(change.Preparation, operation =>
                    Assert.True(IsNew(operation, before), operation.ToString())
                );

                // And the other way round: what packets are led to is there before they are.
                Assert.DoesNotContain(change.Switch, operation => operation is AddChain or AddSet);
            },
            iter: 1_000,
            threads: 2
        );

    [Fact]
    public void Isolate_AnyDelta_OnlyPutsOpenAddressesBehindCompleteFences() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                var change = DeltaTransition.ToChange(
                    RulesetDiff.Between(pair.First, pair.Second),
                    RulesetLowering.FencedAddresses(pair.First)
                );
                var (before, after) = (RulesetLowering.Lower(pair.First), RulesetLowering.Lower(pair.Second));
                foreach (var operation in change.Isolation)
                {
                    if (operation is DeleteElements { Set: var withdrawn })
                    {
                        Assert.True(UnknownPodIpLayout.IsKnown(withdrawn) || UnknownPodIpLayout.IsRanges(withdrawn));
                    }
                    else if (
                        operation is AddElements { Set.Name: var name, Elements: var elements }
                        && before.Sets.TryGetValue(name, out var content)
                    )
                    {
                        Assert.Contains(content.Set, TableLayout.Sets);
                        Assert.Empty(
                            content
                                .Elements.Select(static element => element.Key)
                                .Intersect(elements.Select(static element => element.Key))
                        );
                    }
                    else
                    {
                        Assert.True(IsNew(operation, before), operation.ToString());
                        Assert.False(
                            operation is AddSet { Set.Key: NftKey.AddressRange or NftKey.PortRange },
                            "the kernel shows intervals later than rules"
                        );
                    }
                }

                // No flow that is allowed before and after is denied in between: sets that stay are not filled later.
                var isolates = change.Isolation.Any(static operation => operation is AddElements);
                Assert.DoesNotContain(isolates ? change.Switch.OfType<AddElements>() : [], add =>
                    !TableLayout.Sets.Contains(add.Set)
                    && !UnknownPodIpLayout.IsKnown(add.Set)
                    && !UnknownPodIpLayout.IsRanges(add.Set)
                );
                Assert.True(
                    !isolates
                        || !change.Switch.Any(operation =>
                            operation is FlushChain { Name: var chain } && after.Chains.ContainsKey(chain)
                        )
                );
            },
            iter: 1_000,
            threads: 2
        );

    [Fact]
    public void Lower_AddressBecomesUnknownAndLosesItsFence_IsUnknownFirst() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                var delta = RulesetDiff.Between(pair.First, pair.Second);
                var change = DeltaTransition.ToChange(delta, RulesetLowering.FencedAddresses(pair.First));
                var released = change
                    .Switch.OfType<DeleteElements>()
                    .Where(static delete => delete.Set.HasVerdicts && delete.Set.Key == NftKey.Address)
                    .SelectMany(static delete => delete.Elements)
                    .Select(static element => element.Key.First)
                    .Where(address => delta.Endpoints.TryGetValue(address, out var fences) && fences.After is null)
                    .ToHashSet();
                var late = change
                    .Switch.OfType<DeleteElements>()
                    .Where(static delete => UnknownPodIpLayout.IsKnown(delete.Set))
                    .SelectMany(static delete => delete.Elements)
                    .Select(static element => element.Key.First);
                Assert.All(late.Where(released.Contains), address =>
                    Assert.Contains(delta.PodRanges.Removed, range => range.Contains(address))
                );

                // And known no earlier than its fence is in force: what makes it known is not in what comes before.
                Assert.DoesNotContain(change.Preparation.Concat(change.Isolation), static operation =>
                    operation is AddElements { Set: var set } && UnknownPodIpLayout.IsKnown(set)
                );
            },
            iter: 1_000,
            threads: 2
        );

    [Fact]
    public void Transition_FromAnyTable_GivesTheTableOfAReplacement() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                using var kernel = new FakeKernel();
                kernel.Run(TableReplacement.Whole(RulesetLowering.Lower(pair.First)));
                var expected = RulesetLowering.Lower(pair.Second);
                Run(kernel, TableReplacement.Between(kernel.Read()!, expected)!);
                AssertSame(expected, kernel.Read()!);
                var nothing = TableReplacement.Between(kernel.Read()!, expected)!;
                Assert.Empty(nothing.Preparation.Concat(nothing.Isolation).Concat(nothing.Switch));
            },
            iter: 1_000,
            threads: 2
        );

    [Fact]
    public void Lower_AnyDelta_TouchesOnlyWhatDiffers() =>
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                var (before, after) = (RulesetLowering.Lower(pair.First), RulesetLowering.Lower(pair.Second));
                var change = DeltaTransition.ToChange(
                    RulesetDiff.Between(pair.First, pair.Second),
                    RulesetLowering.FencedAddresses(pair.First)
                );
                foreach (var operation in change.Preparation.Concat(change.Isolation).Concat(change.Switch))
                {
                    if (operation is FlushChain { Name: var name } && after.Chains.TryGetValue(name, out var chain))
                    {
                        Assert.NotEqual(before.Chains[name].Rules, chain.Rules);
                    }
                    else if (
                        operation is AddElements { Set: var set, Elements: var elements }
                        && before.Sets.TryGetValue(set.Name, out var content)
                    )
                    {
                        Assert.True(
                            set.Key is not (NftKey.AddressRange or NftKey.PortRange)
                                || set == TableLayout.LinkLocal
                                || UnknownPodIpLayout.IsRanges(set),
                            "an interval set is never changed"
                        );
                        Assert.Empty(content.Elements.Intersect(elements));
                    }
                }
            },
            iter: 1_000,
            threads: 2
        );

    [Fact]
    public void Lower_AnyRuleset_DecidesAsTheRulesetSays() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int)
            .Sample(
                (pair, seed) =>
                {
                    var random = new Random(seed);
                    var simulator = new PacketSimulator(RulesetLowering.Lower(pair.First));
                    for (var i = 0; i < 60; i++)
                    {
                        var family = random.Next(2) == 0 ? IpFamily.IPv4 : IpFamily.IPv6;
                        var source = RandomRulesets.Address(family, random.Next(12));
                        var destination = RandomRulesets.Address(family, random.Next(12));
                        var packet =
                            random.Next(8) == 0
                                ? Packet.Icmp(source, destination, family == IpFamily.IPv4 ? (byte)8 : (byte)128)
                                : Packet.Of(
                                    source,
                                    destination,
                                    random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp,
                                    random.Next(14)
                                );
                        var hook = random.Next(4) == 0 ? HookPoint.Input : HookPoint.Forward;
                        var result = simulator.Trace(hook, packet);
                        var expected =
                            PlainVerdicts.Allows(pair.First, hook, packet) ? PacketVerdict.Accepted
                            : pair.First.Options.DenyAction == DenyAction.Drop ? PacketVerdict.Dropped
                            : packet.Protocol == (byte)Protocol.Tcp ? PacketVerdict.Reset
                            : PacketVerdict.Unreachable;
                        Assert.True(
                            expected == result.Verdict,
                            $"{packet}: {result.Verdict}, but {expected} is right\n{string.Join('\n', result.Path)}"
                        );
                    }
                },
                iter: 1_000,
                threads: 2
            );

    private static bool IsNew(NftOperation operation, NftTable before) =>
        operation switch
        {
            AddSet { Set: var set } => !before.Sets.ContainsKey(set.Name),
            AddElements { Set: var set } => !before.Sets.ContainsKey(set.Name),
            AddChain { Chain: var chain } => !before.Chains.ContainsKey(chain.Name) && chain.Hook is null,
            AddRules { Chain: var chain } => !before.Chains.ContainsKey(chain),
            _ => false,
        };

    private static void Run(FakeKernel kernel, NftChange change)
    {
        kernel.Run(change.Preparation);
        kernel.Run(change.Isolation);
        kernel.Run(change.Switch);
    }

    private static void AssertSame(NftTable expected, NftTable actual)
    {
        Assert.Empty(TableDiff.Describe(expected, actual));

        // Comments of chains and sets too, which a difference of rules does not count.
        Assert.Equal(expected.Chains.Count, actual.Chains.Count);
        Assert.All(expected.Chains, chain => Assert.Equal(chain.Value, actual.Chains[chain.Key]));
        Assert.All(expected.Sets, set => Assert.Equal(set.Value.Set, actual.Sets[set.Key].Set));
    }
}
