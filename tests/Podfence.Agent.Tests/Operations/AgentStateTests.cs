using Microsoft.Extensions.Time.Testing;
using Podfence.Model;

namespace Podfence.Agent.Tests;

public sealed class AgentStateTests
{
    private static readonly TimeSpan s_stallTimeout = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Readiness_AtStart_NamesWhatIsMissing()
    {
        var state = Make();
        Assert.False(state.IsReady);
        Assert.Contains("Pod not listed yet", Failing(state, "sources"), StringComparison.Ordinal);
        Assert.NotNull(Failing(state, "fence"));
    }

    [Fact]
    public void Readiness_ListedAndSynced_Holds() => Assert.True(Ready().IsReady);

    [Fact]
    public void Readiness_SourceFailureBeforeItsList_IsNamed()
    {
        var state = Make();
        state.Source("Pod", static source => source with { Failure = "forbidden" });
        Assert.Contains("forbidden", Failing(state, "sources"), StringComparison.Ordinal);
    }

    [Fact]
    public void Readiness_SourceDisconnectedForLong_FailsUntilReconnected()
    {
        var state = Ready();
        state.Source("Pod", source =>
            source with
            {
                DisconnectedAt = _time.GetTimestamp(),
                Failure = "connection refused",
            }
        );
        Assert.True(state.IsReady);
        _time.Advance(s_stallTimeout + TimeSpan.FromSeconds(1));
        state.Stepped();
        Assert.Contains("connection refused", Failing(state, "sources"), StringComparison.Ordinal);
        state.Source("Pod", static source => source with { DisconnectedAt = null });
        Assert.True(state.IsReady);
    }

    [Theory]
    [InlineData(ReconcileStep.Write, "kernel")]
    [InlineData(ReconcileStep.Check, "checks")]
    [InlineData(ReconcileStep.Read, "drift")]
    public void Readiness_StepThatFails_FailsUntilItRecovers(ReconcileStep step, string condition)
    {
        var state = Ready();
        state.Failed(step, "no buffer space");
        Assert.Equal("no buffer space", Failing(state, condition));
        state.Recovered(step);
        Assert.True(state.IsReady);
    }

    [Fact]
    public void Readiness_NodeUnknownToTheCluster_NamesTheRemedy()
    {
        var state = Ready();
        state.NodeKnown(isKnown: false);
        Assert.Contains("set --node-name", Failing(state, "node"), StringComparison.Ordinal);
    }

    [Fact]
    public void Liveness_StuckLoop_Fails()
    {
        var state = Ready();
        _time.Advance(s_stallTimeout + TimeSpan.FromSeconds(1));
        Assert.False(Assert.Single(state.Liveness()).Holds);
        Assert.False(state.IsReady);
    }

    [Fact]
    public void Liveness_BeforeTheInitialSync_HoldsWhileTheLoopWaits()
    {
        var state = Make();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(Assert.Single(state.Liveness()).Holds);
    }

    [Fact]
    public void Liveness_LoopThatEnded_Fails()
    {
        var state = Ready();
        state.Ended("a fault");
        Assert.Equal("a fault", Assert.Single(state.Liveness()).Message);
    }

    [Fact]
    public void StatusReport_ThroughJson_IsTheSame()
    {
        var state = Ready();
        state.Applied(new RulesetStats(1, 2, 3, 4, 5, 6, 7));
        state.FailedClosed([new PolicyKey("b", "x"), new PolicyKey("a", "y")]);
        state.Drifted();
        var report = StatusReport.FromJson(StatusReport.Of(state, "1.2").ToJson());
        Assert.Equal(("n1", "1.2", true, 1L), (report.Node, report.Version, report.Ready, report.Drifts));
        Assert.Equal(["a/y", "b/x"], report.FailedPolicies);
        Assert.Equal(new RulesetStats(1, 2, 3, 4, 5, 6, 7), report.RulesetStats);
        Assert.Equal(new SourceStatus("Pod", Listed: true, Connected: true, null, null), Assert.Single(report.Sources));
    }

    private AgentState Make() => new("n1", ["Pod"], s_stallTimeout, _time);

    private AgentState Ready()
    {
        var state = Make();
        state.Source("Pod", static source => source with { IsListed = true });
        state.NodeKnown(isKnown: true);
        state.Synced();
        return state;
    }

    private static string? Failing(AgentState state, string condition) =>
        state.Readiness().Single(one => one.Name == condition).Message;
}
