using Podfence.Agent;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Cli.Tests;

/// <summary>How the fence of a lab's node ends.</summary>
public sealed class LabFenceVerbTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly FakeKernel _kernel = new();
    private readonly Listener _heard = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public async Task RunAsync_InputEnds_EndsWellAndLeavesTheFence()
    {
        await RunAsync(new StringReader("{\"syncPoint\":1}\n"));
        Assert.Equal([1], _heard.Barriers);
        Assert.NotNull(_kernel.Read());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"upsert\":{\"kind\":\"Pod\"}}")]
    [InlineData("[]")]
    public async Task RunAsync_LineIsNoMessage_FailsAndLeavesTheFence(string line)
    {
        var fault = await Assert.ThrowsAsync<LabException>(() =>
            RunAsync(new StringReader($"{{\"syncPoint\":1}}\n{line}\n{{\"syncPoint\":2}}\n"))
        );
        Assert.Equal(LabError.Protocol, fault.Error);
        Assert.Equal([1], _heard.Barriers);
        Assert.NotNull(_kernel.Read());
    }

    [Fact]
    public async Task RunAsync_MessageIsOfTheOtherDirection_Fails() =>
        await Assert.ThrowsAsync<CliException>(() => RunAsync(new StringReader("{\"applied\":1}\n")));

    [Fact]
    public async Task RunAsync_LoopFails_FailsThoughTheInputIsSilent()
    {
        _heard.Fault = new InvalidOperationException("a fault");
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RunAsync(new SilentAfter("{\"syncPoint\":1}"))
        );
        Assert.Same(_heard.Fault, thrown);
        Assert.NotNull(_kernel.Read());
    }

    private Task RunAsync(TextReader input) =>
        LabFenceVerb
            .RunAsync(new ReconcileLoop("n1", new NftablesDataplane(_kernel), _heard), input, Cancel)
            .WaitAsync(s_patience, TimeProvider.System, Cancel);

    private sealed class SilentAfter(string line) : TextReader
    {
        private bool _said;

        public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
        {
            if (_said)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            _said = true;
            return line;
        }
    }

    private sealed class Listener : IReconcileListener
    {
        public Exception? Fault { get; set; }

        public List<long> Barriers { get; } = [];

        public void Applied(AppliedChange change) { }

        public void FailedClosed(IReadOnlyCollection<FenceBuildFailure> faults) =>
            throw new InvalidOperationException(string.Join("; ", faults));

        public void Recovered(ReconcileStep step) { }

        public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter) { }

        public void Drifted(IReadOnlyList<string> differences) { }

        public void Reached(SyncPoint point)
        {
            Barriers.Add(point.Number);
            if (Fault is not null)
            {
                throw Fault;
            }
        }
    }
}
