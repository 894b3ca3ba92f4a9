using Microsoft.Extensions.Time.Testing;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>A node: a kernel, a clock, and one agent after the other.</summary>
internal sealed class TestNode
{
    public TestNode(ReconcileOptions? options = null)
    {
        Options = options ?? new ReconcileOptions();
        Kernel = new WatchedKernel(Fake, Time);
    }

    public FakeTimeProvider Time { get; } = new();

    public FakeKernel Fake { get; } = new();

    public WatchedKernel Kernel { get; }

    public Recorder Listener { get; } = new();

    public List<HealthCheck> Checks { get; } = [];

    public ReconcileOptions Options { get; }

    /// <summary>The node's connections; left alone where absent.</summary>
    public FakeConnections? Connections { get; set; }

    /// <summary>An agent without memory.</summary>
    public Reconciler Start() =>
        new(Sample.Node, new NftablesDataplane(Kernel), Listener, Checks, null, Options, Time, Connections);

    /// <summary>The same with its loop around it.</summary>
    public ReconcileLoop Loop() =>
        new(Sample.Node, new NftablesDataplane(Kernel), Listener, Checks, null, Options, Time, Connections);

    /// <summary>Waits until something has happened on the loop's thread, while the clock ticks.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan tick = default)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!condition())
        {
            Time.Advance(tick);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>
    /// Says that no more events come, and waits for the end. By default the clock ticks: between two transactions the
    /// loop rests.
    /// </summary>
    public async Task EndAsync(ReconcileLoop loop, Task running, TimeSpan? tick = null)
    {
        loop.Complete();
        await UntilAsync(() => running.IsCompleted, tick ?? TimeSpan.FromMilliseconds(1));
        await running;
    }

    /// <summary>An agent that has been told of events, and has written them.</summary>
    public Reconciler StartWith(params IEnumerable<ClusterEvent> events)
    {
        var reconciler = Start();
        Send(reconciler, [.. events, new SyncPoint(1)]);
        return reconciler;
    }

    /// <summary>Tells of events, and lets the agent do what is due, a moment later than what it did before.</summary>
    public void Send(Reconciler reconciler, params IEnumerable<LoopItem> items)
    {
        foreach (var item in items)
        {
            reconciler.Receive(item);
        }

        Time.Advance(reconciler.Pause);
        reconciler.Step();
    }

    /// <summary>Lets time pass as the loop would: from one thing that is due to the next.</summary>
    /// <returns>How often something was due.</returns>
    public int Pass(Reconciler reconciler, TimeSpan span)
    {
        var end = Time.GetUtcNow() + span;
        for (var steps = 0; ; steps++)
        {
            var wait = reconciler.UntilDue ?? span;
            wait = wait > reconciler.Pause ? wait : reconciler.Pause;
            if (Time.GetUtcNow() + wait > end)
            {
                if (Time.GetUtcNow() < end)
                {
                    Time.SetUtcNow(end);
                }

                return steps;
            }

            Time.Advance(wait);
            reconciler.Step();
            Assert.True(steps < 1_000_000, "the agent spins");
        }
    }
}
