using System.Threading.Channels;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>The queue, the waiting, and the ends of a loop. What it does in between is the reconciler's.</summary>
public sealed class ReconcileLoopTests
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_QueuedEvents_AreOneTransaction()
    {
        var node = new TestNode();
        var loop = node.Loop();
        await PostAsync(loop, [Sample.Policy, .. Pods(1000), new SyncPoint(7)]);
        await node.EndAsync(loop, Task.Run(() => loop.RunAsync(Cancel), Cancel));
        Assert.Equal([7], node.Listener.SyncPoints);
        Assert.Equal(1001, Assert.Single(node.Listener.Changes).Events);
        Assert.Empty(Sample.Differences(node.Fake, [Sample.Policy, .. Pods(1000)]));
    }

    [Fact]
    public async Task RunAsync_EventsOneByOne_TransactionsAreTheMinimumIntervalApart()
    {
        // Not a whole number of milliseconds, which is what timers count.
        var node = new TestNode(new ReconcileOptions { MinInterval = TimeSpan.FromMilliseconds(2.5) });
        var loop = node.Loop();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new SyncPoint(1)]);
        for (var i = 0; i < 100; i++)
        {
            await PostAsync(loop, [Sample.Pod(2 + i), new SyncPoint(2 + i)]);
            node.Time.Advance(TimeSpan.FromMilliseconds(0.5));
            await Task.Delay(s_tick, TimeProvider.System, Cancel);
        }

        await node.UntilAsync(() => node.Listener.SyncPoints.Count == 101, s_tick);
        await node.EndAsync(loop, running);
        var gaps = node
            .Kernel.Tries.Zip(node.Kernel.Tries.Skip(1), static (one, next) => (next - one).TotalMilliseconds)
            .ToList();
        Assert.NotEmpty(gaps);
        Assert.All(gaps, static gap => Assert.True(gap >= 2.5, $"{gap} ms"));
    }

    [Fact]
    public async Task RunAsync_FloodOfEvents_DoesNotDelayTheTransaction()
    {
        var node = new TestNode(new ReconcileOptions { MaxBatch = 10 });
        var loop = node.Loop();
        await PostAsync(loop, [new SyncPoint(1), Sample.Policy, .. Pods(98)]);
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await node.UntilAsync(() => node.Listener.Changes.Sum(static change => change.Events) == 99, s_tick);
        await node.EndAsync(loop, running);
        Assert.Equal(
            [9, 10, 10, 10, 10, 10, 10, 10, 10, 10],
            node.Listener.Changes.Select(static change => change.Events)
        );
    }

    [Fact]
    public async Task PostAsync_QueueIsFull_WaitsForTheLoop()
    {
        var node = new TestNode(new ReconcileOptions { QueueCapacity = 3 });
        var loop = node.Loop();
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), Sample.Pod(2)]);
        using var impatient = new CancellationTokenSource();
        var given = loop.PostAsync(Sample.Pod(3), impatient.Token).AsTask();
        var waiting = loop.PostAsync(new SyncPoint(1), Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await waiting;
        await node.UntilAsync(() => node.Listener.SyncPoints.Count == 1);
        await node.EndAsync(loop, running);
        Assert.Empty(Sample.Differences(node.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
    }

    [Fact]
    public async Task RunAsync_NoEvents_DetectsAndRepairsDrift()
    {
        var node = new TestNode();
        var loop = node.Loop();
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new SyncPoint(1)]);
        node.Fake.TouchForeignTable();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await node.UntilAsync(() => node.Listener.SyncPoints.Count == 1);

        // The loop waits for the clock, which stands still.
        node.Fake.Tamper(new DeleteTable());
        await node.UntilAsync(() => node.Listener.Changes.Count == 2, TimeSpan.FromMilliseconds(50));
        Assert.Single(node.Listener.Drifts);
        await node.EndAsync(loop, running);
        Assert.Empty(Sample.Differences(node.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public async Task RunAsync_KernelRejectsForAWhile_RetriesByItself()
    {
        var node = new TestNode();
        node.Kernel.DenyAction = Sample.NoMemory;
        var loop = node.Loop();
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new SyncPoint(1)]);
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await node.UntilAsync(() => node.Listener.Failures.Count == 5, TimeSpan.FromMilliseconds(20));
        Assert.Equal([50, 100, 200, 400, 800], node.Listener.Waits);
        node.Kernel.DenyAction = null;
        await node.UntilAsync(() => node.Listener.SyncPoints.Count == 1, TimeSpan.FromMilliseconds(20));
        await node.EndAsync(loop, running);
    }

    [Theory]
    [InlineData("idle")]
    [InlineData("not synced")]
    [InlineData("between transactions")]
    [InlineData("failing")]
    public async Task RunAsync_CancelledWhileWaiting_Ends(string when)
    {
        var node = new TestNode();
        node.Kernel.DenyAction = when == "failing" ? Sample.NoMemory : null;
        var loop = node.Loop();
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => loop.RunAsync(stop.Token), Cancel);
        await PostAsync(
            loop,
            when == "not synced" ? [Sample.Policy] : [Sample.Policy, Sample.Pod(1), new SyncPoint(1)]
        );
        await node.UntilAsync(() =>
            when == "not synced" || node.Listener.Changes.Count + node.Listener.Failures.Count == 1
        );
        if (when == "idle")
        {
            node.Time.Advance(node.Options.MinInterval);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            running.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel)
        );
        await Assert.ThrowsAsync<ChannelClosedException>(() => loop.PostAsync(Sample.Pod(2), Cancel).AsTask());
        if (when is not "failing" and not "not synced")
        {
            Assert.Empty(Sample.Differences(node.Fake, Sample.Policy, Sample.Pod(1)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_CancelledDuringAFlood_Ends(bool synced)
    {
        var node = new TestNode(
            new ReconcileOptions
            {
                MinInterval = TimeSpan.Zero,
                QueueCapacity = 100,
                MaxBatch = 50,
            }
        );
        var loop = node.Loop();
        using var stop = new CancellationTokenSource();
        await PostAsync(loop, synced ? [Sample.Policy, new SyncPoint(1)] : [Sample.Policy]);
        var running = Task.Run(() => loop.RunAsync(stop.Token), Cancel);
        var flood = Task.Run(
            async () =>
            {
                for (var i = 0; ; i++)
                {
                    await loop.PostAsync(Sample.Pod(i % 20, i % 3 == 0 ? "client" : "server"), Cancel);
                }
            },
            Cancel
        );
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            running.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel)
        );

        // Nobody is left to wait in a queue that nobody empties.
        await Assert.ThrowsAsync<ChannelClosedException>(() => flood);
    }

    [Fact]
    public async Task Complete_BeforeTheFirstSyncPoint_EndsAndWritesNothing()
    {
        var node = new TestNode();
        var loop = node.Loop();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1)]);
        await node.EndAsync(loop, running);
        Assert.Empty(node.Kernel.Tries);
    }

    [Fact]
    public async Task Complete_WhileTheKernelRejects_TriesOnceMoreAndEnds()
    {
        var node = new TestNode();
        var loop = node.Loop();
        node.Kernel.DenyAction = Sample.NoMemory;
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new SyncPoint(1)]);
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await node.UntilAsync(() => node.Listener.Failures.Count == 1);

        // The next try is not due, and the clock stands still.
        node.Kernel.DenyAction = null;
        await PostAsync(loop, [Sample.Pod(2), new SyncPoint(2)]);
        await node.EndAsync(loop, running, tick: TimeSpan.Zero);
        Assert.Equal([1, 2], node.Listener.SyncPoints);
        Assert.Empty(Sample.Differences(node.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_Bug_EndsTheLoopAndItsWaitingCallers(bool ofListener)
    {
        var node = new TestNode(new ReconcileOptions { QueueCapacity = 4 });
        var loop = node.Loop();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new SyncPoint(1)]);
        await node.UntilAsync(() => node.Listener.SyncPoints.Count == 1);
        var fault = new InvalidOperationException("a fault");
        node.Kernel.DenyAction = ofListener ? null : fault;
        node.Listener.Fault = ofListener ? fault : null;
        var source = PostAsync(loop, [.. Pods(100)]);
        node.Time.Advance(node.Options.MinInterval);
        Assert.Same(
            fault,
            await Assert.ThrowsAsync<InvalidOperationException>(() =>
                running.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel)
            )
        );
        await Assert.ThrowsAsync<ChannelClosedException>(() => source);

        // The fence stands.
        Assert.NotEmpty(node.Fake.Read()!.Chains["forward"].Rules);
    }

    [Fact]
    public async Task RunAsync_SecondTime_Throws()
    {
        var loop = new TestNode().Loop();
        loop.Complete();
        await loop.RunAsync(Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => loop.RunAsync(Cancel));
    }

    private static IEnumerable<ClusterEvent> Pods(int count) =>
        Enumerable.Range(1, count).Select(static number => Sample.Pod(number));

    private static async Task PostAsync(ReconcileLoop loop, IEnumerable<LoopItem> items)
    {
        foreach (var item in items)
        {
            await (item.Event is { } change ? loop.PostAsync(change, Cancel) : loop.PostAsync(item.SyncPoint, Cancel));
        }
    }
}
