using Microsoft.Extensions.Time.Testing;
using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>A node that is closed at its start, before the agent has heard of everything.</summary>
public sealed class StartupLockdownTests : IDisposable
{
    private static readonly CompilerOptions s_closed = new()
    {
        Ruleset = new RulesetOptions { UnknownPodIps = UnknownPodIps.Deny },
    };
    private readonly FakeKernel _kernel = new();
    private readonly Recorder _heard = new();

    private static ClusterEvent Node { get; } =
        new ObjectUpserted(ClusterObject.Of(new Node { Name = Sample.Node, PodCidrs = [Cidr.Parse("10.0.0.0/16")] }));

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void Step_DenyAndNoRules_DeniesTheNodesPodCidrsBeforeTheFirstSyncPoint()
    {
        var agent = Start(s_closed);
        Send(agent, Node);
        Assert.NotNull(_kernel.Read());
        Assert.Empty(_heard.Changes);
        Assert.Empty(Sample.Differences(_kernel, Alone(), s_closed));
    }

    [Fact]
    public void Step_DenyAndRulesPresent_LeavesThemUnchanged()
    {
        var earlier = Start(s_closed);
        Send(earlier, Node, Sample.Pod(1), Sample.Policy, new SyncPoint(1));
        var before = _kernel.Generation();
        Send(Start(s_closed), Node);
        Assert.Equal(before, _kernel.Generation());
    }

    [Fact]
    public void Step_Allow_WritesNothingBeforeTheFirstSyncPoint()
    {
        Send(Start(new CompilerOptions()), Node);
        Assert.Null(_kernel.Read());
    }

    [Fact]
    public void Step_DenyAndOtherNodesOnly_WritesNothing()
    {
        Send(
            Start(s_closed),
            new ObjectUpserted(ClusterObject.Of(new Node { Name = "other", PodCidrs = [Cidr.Parse("10.1.0.0/16")] }))
        );
        Assert.Null(_kernel.Read());
    }

    [Fact]
    public void Step_DenyThenInitialSync_HasTheRulesOfTheCluster()
    {
        var agent = Start(s_closed);
        Send(agent, Node);
        Send(agent, Sample.Pod(1), Sample.Policy, new SyncPoint(1));
        var state = Alone();
        state.Apply(Sample.Pod(1));
        state.Apply(Sample.Policy);
        Assert.Empty(Sample.Differences(_kernel, state, s_closed));
    }

    private static ClusterState Alone()
    {
        var state = new ClusterState();
        state.Apply(Node);
        return state;
    }

    private static void Send(Reconciler agent, params IEnumerable<LoopItem> items)
    {
        foreach (var item in items)
        {
            agent.Receive(item);
        }

        agent.Step();
    }

    private Reconciler Start(CompilerOptions options) =>
        new(
            Sample.Node,
            new NftablesDataplane(_kernel),
            _heard,
            null,
            options,
            new ReconcileOptions(),
            new FakeTimeProvider()
        );
}
