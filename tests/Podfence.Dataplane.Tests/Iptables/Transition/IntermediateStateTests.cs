using CsCheck;
using Podfence.Dataplane.Iptables;
using Podfence.Evaluation;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// iptables and ipset cannot change in one transaction. These tests check the verdicts between runs, after every
/// command of ipset and every commit of iptables.
/// </summary>
public sealed class IntermediateStateTests
{
    [Fact]
    public void Apply_AnyDelta_EveryStateIsBeforeOrAfter() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int)
            .Sample((pair, seed) => Apply(pair.First, pair.Second, seed), iter: 120, threads: 2);

    [Fact]
    public void Apply_SmallDelta_EveryStateIsBeforeOrAfter() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int, Gen.Int[1, 4])
            .Sample(
                (pair, seed, changes) =>
                    Apply(pair.First, SmallChanges.Make(pair.First, new Random(seed), changes), seed),
                iter: 120,
                threads: 2
            );

    [Fact]
    public void Replace_AfterAnotherProcess_EveryStateIsBeforeOrAfter() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int)
            .Sample(
                (pair, seed) =>
                {
                    var kernel = new FakeIptables();
                    using (var first = new IptablesDataplane(kernel))
                    {
                        first.Replace(pair.First);
                    }

                    var watch = new IntermediateStateWatch(kernel, pair.First, pair.Second, seed);
                    watch.Begin();
                    using var second = new IptablesDataplane(kernel);
                    second.Replace(pair.Second);
                    watch.End();
                    watch.AssertAfter();
                    Assert.Empty(second.Verify(pair.Second));

                    var runs = kernel.Runs;
                    second.Replace(pair.Second);
                    Assert.Equal(runs, kernel.Runs);
                },
                iter: 120,
                threads: 2
            );

    [Fact]
    public void Replace_AfterADeathAtAnyStep_EveryStateIsBeforeOrAfter() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int, Gen.Int[0, 40], Gen.Int[0, 40], Gen.Bool)
            .Sample(
                (pair, seed, moments, more, apply) =>
                {
                    var kernel = new FakeIptables();
                    using var first = new IptablesDataplane(kernel);
                    first.Replace(pair.First);
                    var watch = new IntermediateStateWatch(kernel, pair.First, pair.Second, seed);
                    watch.Begin();

                    // The first process dies during the change, the next during its replacement; the third completes.
                    kernel.StopAfter(moments);
                    Die(() => Change(first, pair, apply));
                    using var second = new IptablesDataplane(kernel);
                    kernel.StopAfter(more);
                    Die(() => second.Replace(pair.Second));
                    kernel.StopAfter(null);
                    using var third = new IptablesDataplane(kernel);
                    third.Replace(pair.Second);
                    watch.End();
                    watch.AssertAfter();
                    Assert.Empty(third.Verify(pair.Second));
                },
                iter: 120,
                threads: 2
            );

    private static void Apply(Ruleset first, Ruleset second, int seed)
    {
        var kernel = new FakeIptables();
        using var dataplane = new IptablesDataplane(kernel);
        dataplane.Replace(first);
        var watch = new IntermediateStateWatch(kernel, first, second, seed);
        watch.Begin();
        dataplane.Apply(RulesetDiff.Between(first, second));
        watch.End();
        watch.AssertAfter();
        Assert.False(dataplane.MayHaveDrifted());
        Assert.Empty(dataplane.Verify(second));
    }

    private static void Change(IptablesDataplane dataplane, (Ruleset First, Ruleset Second) pair, bool apply)
    {
        if (apply)
        {
            dataplane.Apply(RulesetDiff.Between(pair.First, pair.Second));
        }
        else
        {
            dataplane.Replace(pair.Second);
        }
    }

    private static void Die(Action action)
    {
        try
        {
            action();
        }
        catch (DataplaneException death) when (death.Message == "injected failure") { }
    }
}
