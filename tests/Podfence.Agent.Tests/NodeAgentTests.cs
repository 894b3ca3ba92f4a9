using Microsoft.Extensions.Logging.Abstractions;
using Podfence.Dataplane.Nftables;
using Podfence.Kubernetes;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>A whole agent between a simulated API server and a simulated kernel.</summary>
[Collection(MetersOfAgents.Name)]
public sealed class NodeAgentTests : IAsyncLifetime
{
    private readonly FakeKernel _kernel = new();
    private readonly CancellationTokenSource _stop = new();
    private ApiSimulator? _server;
    private KubeClient? _client;
    private NodeAgent? _agent;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _server = await ApiSimulator.StartAsync();
        _server.Put(ClusterObject.Of(new Node { Name = Sample.Node }));
        _server.Put(ClusterObject.Of(new Namespace("default", LabelSet.Empty)));
        Put(Sample.Pod(1));
        Put(Sample.Pod(2, "client"));
        Put(Sample.Policy);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _agent?.Dispose();
        _client?.Dispose();
        await _server!.DisposeAsync();
        _kernel.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task RunAsync_EverythingListed_IsReadyAndInTheKernel()
    {
        Start();
        await UntilAsync(() => _agent!.State.IsReady);
        Assert.Empty(Sample.Differences(_kernel, _server!.State()));
        Assert.Equal((2, 1), (_agent!.State.RulesetStats.Pods, _agent.State.RulesetStats.Policies));
    }

    [Fact]
    public async Task RunAsync_KindThatMayNotBeListed_WritesNothingAndReportsWhy()
    {
        _server!.Token = "other";
        Start();
        await UntilAsync(() =>
            _agent!
                .State.Readiness()
                .Any(static condition => condition.Message?.Contains("401", StringComparison.Ordinal) == true)
        );
        Assert.Null(_kernel.Read());
        Assert.False(_agent!.State.IsReady);

        _server.Token = null;
        await UntilAsync(() => _agent.State.IsReady);
    }

    [Fact]
    public async Task RunAsync_UnreadablePolicy_IsolatesOnlyItsOwnPods()
    {
        _server!.Put(ClusterObject.Of(new Namespace("other", LabelSet.Empty)));
        _server.Put(
            ClusterObject.Of(
                new Pod
                {
                    Key = new PodKey("other", "a"),
                    NodeName = Sample.Node,
                    Addresses = [IpAddress.Parse("10.0.9.9")],
                    Phase = PodPhase.Running,
                }
            )
        );
        var reference = new ObjectReference(nameof(NetworkPolicy), "other", "odd");
        _server.Put(
            reference,
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"odd","namespace":"other","uid":"u"},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"from":[{"ipBlock":{"cidr":"nonsense"}}]}]}}"""
        );
        Start();
        await UntilAsync(() => _agent!.State.IsReady);
        Assert.Equal((3, 2), (_agent!.State.RulesetStats.Pods, _agent.State.RulesetStats.Policies));
        Assert.Empty(Sample.Differences(_kernel, _server.State()));
    }

    [Fact]
    public async Task RunAsync_PolicyChanged_TheVersionFollowsTheKernel()
    {
        Start();
        await UntilAsync(() => _agent!.State.IsReady);
        var before = Version();
        _server!.Remove(new ObjectReference(nameof(NetworkPolicy), "default", "clients"));
        await UntilAsync(() => Version() != before);
        Assert.Empty(Sample.Differences(_kernel, _server.State()));
        Assert.Equal(0, _agent!.State.RulesetStats.Pods);
    }

    [Fact]
    public async Task RunAsync_Stopped_EndsNormallyAndRulesStay()
    {
        Start();
        await UntilAsync(() => _agent!.State.IsReady);
        await _stop.CancelAsync();
        await _running;
        Assert.Empty(Sample.Differences(_kernel, _server!.State()));
    }

    private string? Version() =>
        _agent!.State.Sources.Single(static source => source.Kind == nameof(NetworkPolicy)).Version;

    private void Start()
    {
        _client = new KubeClient(ClusterAccess.To(_server!.Address, "token"));
        var options = new NodeAgentOptions
        {
            NodeName = Sample.Node,
            Dataplane = "fake",
            Reflector = new ReflectorOptions
            {
                RetryInterval = TimeSpan.FromMilliseconds(20),
                MaxRetryInterval = TimeSpan.FromMilliseconds(100),
            },
        };
        _agent = new NodeAgent(
            options,
            _client,
            new NodeKernel(new NftablesDataplane(_kernel), null, []),
            NullLogger.Instance
        );
        _running = Task.Run(() => _agent.RunAsync(_stop.Token));
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !condition(); )
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30),
                string.Join("; ", _agent!.State.Readiness())
            );
            Assert.False(_running.IsFaulted, _running.Exception?.ToString());
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private void Put(ClusterEvent told) => _server!.Put(((ObjectUpserted)told).Item);
}
