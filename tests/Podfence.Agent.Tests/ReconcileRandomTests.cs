using Microsoft.Extensions.Time.Testing;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>
/// Whatever comes, and whatever goes wrong on the way: at the end the kernel holds what a fresh compile of the final
/// state asks for.
/// </summary>
public sealed class ReconcileRandomTests
{
    [Fact]
    public void Step_RandomChangesFailuresAndDrift_EndAtTheRulesOfTheFinalState() =>
        Cases.Check(150, Meddled, Make, firstSeed: 7100);

    [Fact]
    public void Step_RandomChangesAndFailures_ReachedSyncPointsAreInTheKernel() =>
        Cases.Check(150, SyncPoints, Make, firstSeed: 7600);

    [Fact]
    public async Task RunAsync_RandomChangesFailuresAndDrift_EndAtTheRulesOfTheFinalState()
    {
        for (var seed = 8100; seed < 8115; seed++)
        {
            var wrong = await ThroughTheLoopAsync(Make(seed), seed);
            Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join("; ", wrong)}");
        }
    }

    private static ClusterCase Make(long seed) => ClusterGenerator.Generate(seed, steps: 25);

    private static string? Meddled(ClusterCase cluster)
    {
        var (time, fake, heard) = (new FakeTimeProvider(), new FakeKernel(), new Recorder());
        var random = new Random(cluster.Changes.Count);
        var kernel = new ChaosKernel(fake, random, meddles: true);
        var agent = new Reconciler(
            Sample.Node,
            new NftablesDataplane(kernel),
            heard,
            null,
            null,
            new ReconcileOptions(),
            time
        );
        Drive(agent, cluster, random, time);

        kernel.IsCalm = true;
        agent.Receive(new SyncPoint(-1));
        for (var i = 0; i < 30; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            agent.Step();
        }

        return heard.SyncPoints is not [.., -1]
            ? "the last sync point was not reached"
            : Wrong(Sample.Differences(fake, cluster.ToFinalState()));
    }

    private static string? SyncPoints(ClusterCase cluster)
    {
        var (time, fake, state) = (new FakeTimeProvider(), new FakeKernel(), new ClusterState());
        var random = new Random(cluster.Changes.Count);
        var witness = new Witness(() => Sample.Differences(fake, state));
        var agent = new Reconciler(
            Sample.Node,
            new NftablesDataplane(new ChaosKernel(fake, random, meddles: false)),
            witness,
            null,
            null,
            new ReconcileOptions(),
            time
        );
        Drive(agent, cluster, random, time, state);
        return witness.Wrong ?? (witness.Drifts > 0 ? "drift where nobody meddled" : null);
    }

    private static void Drive(
        Reconciler agent,
        ClusterCase cluster,
        Random random,
        FakeTimeProvider time,
        ClusterState? state = null
    )
    {
        var point = 0;
        var known = cluster.Upserts().Count();
        foreach (var change in cluster.Upserts().Concat(cluster.Changes))
        {
            agent.Receive(Sample.Event(change));
            if (state is not null)
            {
                change.Apply(state);
            }

            if (--known <= 0 && random.Next(2) == 0)
            {
                agent.Receive(new SyncPoint(point++));
                time.Advance(TimeSpan.FromMilliseconds(random.Next(2) == 0 ? 3 : random.Next(1000)));
                agent.Step();
            }
        }
    }

    private static async Task<IReadOnlyList<string>> ThroughTheLoopAsync(ClusterCase cluster, int seed)
    {
        var cancel = TestContext.Current.CancellationToken;
        var node = new TestNode();
        var kernel = new ChaosKernel(node.Fake, new Random(seed), meddles: true);
        var loop = new ReconcileLoop(Sample.Node, new NftablesDataplane(kernel), node.Listener, time: node.Time);
        var running = Task.Run(() => loop.RunAsync(cancel), cancel);
        var random = new Random(seed);
        foreach (var change in cluster.Upserts())
        {
            await loop.PostAsync(Sample.Event(change), cancel);
        }

        await loop.PostAsync(new SyncPoint(1), cancel);
        foreach (var change in cluster.Changes.ToList())
        {
            await loop.PostAsync(Sample.Event(change), cancel);
            node.Time.Advance(TimeSpan.FromMilliseconds(random.Next(200)));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2)), TimeProvider.System, cancel);
        }

        // Long enough for whatever went wrong last to be noticed and put right.
        kernel.IsCalm = true;
        await loop.PostAsync(new SyncPoint(2), cancel);
        await node.UntilAsync(
            () => node.Listener.SyncPoints is [.., 2] && kernel.LooksInCalm > 10,
            TimeSpan.FromMilliseconds(300)
        );
        await node.EndAsync(loop, running);
        return Sample.Differences(node.Fake, cluster.ToFinalState());
    }

    private static string? Wrong(IReadOnlyList<string> differences) =>
        differences.Count == 0 ? null : string.Join("; ", differences);

    /// <summary>Compares the kernel at each sync point.</summary>
    private sealed class Witness(Func<IReadOnlyList<string>> differences) : IReconcileListener
    {
        public string? Wrong { get; private set; }

        public int Drifts { get; private set; }

        public void Applied(AppliedChange change) { }

        public void FailedClosed(IReadOnlyCollection<FenceBuildFailure> failures) =>
            throw new InvalidOperationException(string.Join("; ", failures));

        public void Recovered(ReconcileStep step) { }

        public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter) { }

        public void Drifted(IReadOnlyList<string> differences) => Drifts++;

        public void Reached(SyncPoint point) =>
            Wrong ??= differences() is { Count: > 0 } found
                ? $"at sync point {point.Number}: {string.Join("; ", found)}"
                : null;
    }
}
