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
    public async Task RunAsync_EventsThatWaited_AreOneTransaction()
    {
        var rig = new Rig();
        var loop = rig.Loop();
        await PostAsync(loop, [Sample.Policy, .. Pods(1000), new Barrier(7)]);
        await rig.EndAsync(loop, Task.Run(() => loop.RunAsync(Cancel), Cancel));
        Assert.Equal([7], rig.Heard.Barriers);
        Assert.Equal(1001, Assert.Single(rig.Heard.Changes).Events);
        Assert.Empty(Sample.Differences(rig.Fake, [Sample.Policy, .. Pods(1000)]));
    }

    [Fact]
    public async Task RunAsync_EventsComeOneByOne_TransactionsAreTheLeastIntervalApart()
    {
        // Not a whole number of milliseconds, which is what timers count.
        var rig = new Rig(new ReconcileOptions { MinInterval = TimeSpan.FromMilliseconds(2.5) });
        var loop = rig.Loop();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new Barrier(1)]);
        for (var i = 0; i < 100; i++)
        {
            await PostAsync(loop, [Sample.Pod(2 + i), new Barrier(2 + i)]);
            rig.Time.Advance(TimeSpan.FromMilliseconds(0.5));
            await Task.Delay(s_tick, TimeProvider.System, Cancel);
        }

        await rig.UntilAsync(() => rig.Heard.Barriers.Count == 101, s_tick);
        await rig.EndAsync(loop, running);
        var gaps = rig.Kernel.Tries.Zip(rig.Kernel.Tries.Skip(1), static (one, next) => (next - one).TotalMilliseconds).ToList();
        Assert.NotEmpty(gaps);
        Assert.All(gaps, static gap => Assert.True(gap >= 2.5, $"{gap} ms"));
    }

    [Fact]
    public async Task RunAsync_AFlood_DoesNotPutOffTheTransaction()
    {
        var rig = new Rig(new ReconcileOptions { MaxBatch = 10 });
        var loop = rig.Loop();
        await PostAsync(loop, [new Barrier(1), Sample.Policy, .. Pods(98)]);
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await rig.UntilAsync(() => rig.Heard.Changes.Sum(static change => change.Events) == 99, s_tick);
        await rig.EndAsync(loop, running);
        Assert.Equal([9, 10, 10, 10, 10, 10, 10, 10, 10, 10], rig.Heard.Changes.Select(static change => change.Events));
    }

    [Fact]
    public async Task PostAsync_QueueIsFull_WaitsForTheLoop()
    {
        var rig = new Rig(new ReconcileOptions { QueueCapacity = 3 });
        var loop = rig.Loop();
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), Sample.Pod(2)]);
        using var impatient = new CancellationTokenSource();
        var given = loop.PostAsync(Sample.Pod(3), impatient.Token).AsTask();
        var waiting = loop.PostAsync(new Barrier(1), Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await waiting;
        await rig.UntilAsync(() => rig.Heard.Barriers.Count == 1);
        await rig.EndAsync(loop, running);
        Assert.Empty(Sample.Differences(rig.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
    }

    [Fact]
    public async Task RunAsync_NoEventComes_LooksForDriftAndPutsItRight()
    {
        var rig = new Rig();
        var loop = rig.Loop();
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new Barrier(1)]);
        rig.Fake.TouchForeignTable();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await rig.UntilAsync(() => rig.Heard.Barriers.Count == 1);

        // The loop waits for the clock, which stands still.
        rig.Fake.Tamper(new DeleteTable());
        await rig.UntilAsync(() => rig.Heard.Changes.Count == 2, TimeSpan.FromMilliseconds(50));
        Assert.Single(rig.Heard.Drifts);
        await rig.EndAsync(loop, running);
        Assert.Empty(Sample.Differences(rig.Fake, Sample.Policy, Sample.Pod(1)));
    }

    [Fact]
    public async Task RunAsync_KernelRefusesForAWhile_TriesAgainByItself()
    {
        var rig = new Rig();
        rig.Kernel.DenyAction = Sample.NoMemory;
        var loop = rig.Loop();
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new Barrier(1)]);
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await rig.UntilAsync(() => rig.Heard.Failures.Count == 5, TimeSpan.FromMilliseconds(20));
        Assert.Equal([50, 100, 200, 400, 800], rig.Heard.Waits);
        rig.Kernel.DenyAction = null;
        await rig.UntilAsync(() => rig.Heard.Barriers.Count == 1, TimeSpan.FromMilliseconds(20));
        await rig.EndAsync(loop, running);
    }

    [Theory]
    [InlineData("idle")]
    [InlineData("not synced")]
    [InlineData("between transactions")]
    [InlineData("failing")]
    public async Task RunAsync_Cancelled_EndsThoughTheClockStandsStill(string when)
    {
        var rig = new Rig();
        rig.Kernel.DenyAction = when == "failing" ? Sample.NoMemory : null;
        var loop = rig.Loop();
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => loop.RunAsync(stop.Token), Cancel);
        await PostAsync(loop, when == "not synced" ? [Sample.Policy] : [Sample.Policy, Sample.Pod(1), new Barrier(1)]);
        await rig.UntilAsync(() => when == "not synced" || rig.Heard.Changes.Count + rig.Heard.Failures.Count == 1);
        if (when == "idle")
        {
            rig.Time.Advance(rig.Options.MinInterval);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel));
        await Assert.ThrowsAsync<ChannelClosedException>(() => loop.PostAsync(Sample.Pod(2), Cancel).AsTask());
        if (when is not "failing" and not "not synced")
        {
            Assert.Empty(Sample.Differences(rig.Fake, Sample.Policy, Sample.Pod(1)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_CancelledUnderAFlood_Ends(bool synced)
    {
        var rig = new Rig(new ReconcileOptions { MinInterval = TimeSpan.Zero, QueueCapacity = 100, MaxBatch = 50 });
        var loop = rig.Loop();
        using var stop = new CancellationTokenSource();
        await PostAsync(loop, synced ? [Sample.Policy, new Barrier(1)] : [Sample.Policy]);
        var running = Task.Run(() => loop.RunAsync(stop.Token), Cancel);
        var flood = Task.Run(
            async () =>
            {
                for (var i = 0; ; i++)
                {
                    await loop.PostAsync(Sample.Pod(i % 20, i % 3 == 0 ? "client" : "server"), Cancel);
                }
            },
            Cancel);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel));

        // Nobody is left to wait in a queue that nobody empties.
        await Assert.ThrowsAsync<ChannelClosedException>(() => flood);
    }

    [Fact]
    public async Task Complete_BeforeTheFirstBarrier_EndsAndWritesNothing()
    {
        var rig = new Rig();
        var loop = rig.Loop();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1)]);
        await rig.EndAsync(loop, running);
        Assert.Empty(rig.Kernel.Tries);
    }

    [Fact]
    public async Task Complete_WhileTheKernelRefuses_TriesWhatIsLeftOnceAndEnds()
    {
        var rig = new Rig();
        var loop = rig.Loop();
        rig.Kernel.DenyAction = Sample.NoMemory;
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new Barrier(1)]);
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await rig.UntilAsync(() => rig.Heard.Failures.Count == 1);

        // The next try is not due, and the clock stands still.
        rig.Kernel.DenyAction = null;
        await PostAsync(loop, [Sample.Pod(2), new Barrier(2)]);
        await rig.EndAsync(loop, running, tick: TimeSpan.Zero);
        Assert.Equal([1, 2], rig.Heard.Barriers);
        Assert.Empty(Sample.Differences(rig.Fake, Sample.Policy, Sample.Pod(1), Sample.Pod(2)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_AFaultOfOurs_EndsTheLoopAndEveryoneWhoWaitsForIt(bool ofListener)
    {
        var rig = new Rig(new ReconcileOptions { QueueCapacity = 4 });
        var loop = rig.Loop();
        var running = Task.Run(() => loop.RunAsync(Cancel), Cancel);
        await PostAsync(loop, [Sample.Policy, Sample.Pod(1), new Barrier(1)]);
        await rig.UntilAsync(() => rig.Heard.Barriers.Count == 1);
        var fault = new InvalidOperationException("a fault");
        rig.Kernel.DenyAction = ofListener ? null : fault;
        rig.Heard.Fault = ofListener ? fault : null;
        var source = PostAsync(loop, Pods(100));
        rig.Time.Advance(rig.Options.MinInterval);
        Assert.Same(fault, await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel)));
        await Assert.ThrowsAsync<ChannelClosedException>(() => source);

        // The fence stands.
        Assert.NotEmpty(rig.Fake.Read()!.Chains["forward"].Rules);
    }

    [Fact]
    public async Task RunAsync_ASecondTime_IsRefused()
    {
        var loop = new Rig().Loop();
        loop.Complete();
        await loop.RunAsync(Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => loop.RunAsync(Cancel));
    }

    private static IEnumerable<ClusterEvent> Pods(int count) => Enumerable.Range(1, count).Select(static number => Sample.Pod(number));

    private static async Task PostAsync(ReconcileLoop loop, IEnumerable<ClusterEvent> events)
    {
        foreach (var change in events)
        {
            await loop.PostAsync(change, Cancel);
        }
    }
}
