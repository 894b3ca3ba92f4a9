using Podfence.Compilation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

public sealed class RulesetStatsTests
{
    [Fact]
    public void Apply_RandomChanges_EqualsAFullCount() =>
        Cases.Check(300, Wrong, static seed => ClusterGenerator.Generate(seed, steps: 25), firstSeed: 9100);

    [Fact]
    public void Replace_OnePodWithOnePolicy_IsCounted()
    {
        var state = new ClusterState();
        foreach (var told in new[] { Sample.Pod(1), Sample.Pod(2, "client"), Sample.Policy })
        {
            state.Apply(told);
        }

        var counter = new RulesetStatsCounter();
        counter.Replace(new NodeCompiler(state, Sample.Node).Snapshot());
        Assert.Equal(
            new RulesetStats(Fences: 1, Rules: 1, Sets: 1, Elements: 1, Addresses: 2, Pods: 2, Policies: 1),
            counter.Current
        );
    }

    private static string? Wrong(ClusterCase cluster)
    {
        var state = new ClusterState();
        foreach (var change in cluster.Upserts())
        {
            change.Apply(state);
        }

        var node = state.Nodes.Keys.Order(StringComparer.Ordinal).FirstOrDefault() ?? Sample.Node;
        var compiler = new NodeCompiler(state, node);
        var counter = new RulesetStatsCounter();
        counter.Replace(compiler.Snapshot());
        foreach (var change in cluster.Changes)
        {
            change.Apply(state);
            counter.Apply(compiler.Flush());
            var fromScratch = new RulesetStatsCounter();
            fromScratch.Replace(new NodeCompiler(state, node).Snapshot());
            if (fromScratch.Current != counter.Current)
            {
                return $"{counter.Current}, but there is {fromScratch.Current}";
            }
        }

        return null;
    }
}
