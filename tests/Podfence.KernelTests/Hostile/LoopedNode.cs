using Podfence.Agent;
using Podfence.Dataplane.Nftables;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>A node's namespace with a reconcile loop that keeps it, as an agent would.</summary>
internal sealed class LoopedNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CountingDataplane _dataplane;
    private readonly ReconcileLoop _loop;
    private readonly IConnectionTable? _connections;
    private Task _running = Task.CompletedTask;
    private long _barrier;

    /// <summary>Makes the loop.</summary>
    /// <param name="name">The node.</param>
    /// <param name="kernel">Its kernel, perhaps one with faults of its own.</param>
    /// <param name="pace">The pace; by default with a look for drift every 20 ms.</param>
    /// <param name="connections">The node's connections; left alone where absent. Disposed with the node.</param>
    public LoopedNode(string name, INftKernel kernel, ReconcileOptions? pace = null, IConnectionTable? connections = null)
        : this(name, new NftablesDataplane(kernel), pace, connections)
    {
    }

    /// <summary>Makes the loop with a dataplane of any kind.</summary>
    public LoopedNode(string name, IDataplane dataplane, ReconcileOptions? pace = null, IConnectionTable? connections = null)
    {
        Name = name;
        _connections = connections;
        _dataplane = new CountingDataplane(dataplane);
        _loop = new ReconcileLoop(name, _dataplane, Heard, options: pace ?? new ReconcileOptions { DriftInterval = TimeSpan.FromMilliseconds(20), RetryInterval = TimeSpan.FromMilliseconds(10), MaxRetryInterval = TimeSpan.FromMilliseconds(100) }, connections: connections);
    }

    public string Name { get; }

    public Recorder Heard { get; } = new();

    /// <summary>Looks for drift so far.</summary>
    public int Looks => _dataplane.Looks;

    /// <summary>How many there had been when the last difference was found.</summary>
    public int LooksWhenFound => _dataplane.LooksWhenFound;

    public async Task StartAsync(ClusterCase cluster, CancellationToken cancel)
    {
        _running = Task.Run(() => _loop.RunAsync(_stop.Token), cancel);
        await TellAsync(cluster.Upserts(), cancel);
    }

    /// <summary>Tells of changes, and waits until they are in the kernel.</summary>
    public async Task TellAsync(IEnumerable<ClusterChange> changes, CancellationToken cancel)
    {
        var barrier = await PostAsync(changes, cancel);
        await Heard.UntilAsync(heard => heard.LastBarrier >= barrier, cancel);
    }

    /// <summary>Tells of changes without waiting.</summary>
    public async Task<long> PostAsync(IEnumerable<ClusterChange> changes, CancellationToken cancel)
    {
        foreach (var change in changes)
        {
            await _loop.PostAsync(EventOf(change), cancel);
        }

        await _loop.PostAsync(new SyncPoint(++_barrier), cancel);
        return _barrier;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _dataplane.Dispose();
        _connections?.Dispose();
        _stop.Dispose();
        Assert.False(_running.IsFaulted, _running.Exception?.ToString());
    }

    private static ClusterEvent EventOf(ClusterChange change) => Messages.Of(change) switch
    {
        FenceUpsert upsert => new ObjectUpserted(upsert.Item),
        FenceRemove remove => new ObjectRemoved(remove.Reference),
        var other => throw new ArgumentException($"unknown message {other}", nameof(change)),
    };

    private sealed class CountingDataplane(IDataplane inner) : IDataplane
    {
        private int _looks;
        private int _looksWhenFound;

        public int Looks => Volatile.Read(ref _looks);

        public int LooksWhenFound => Volatile.Read(ref _looksWhenFound);

        public void Replace(Rulesets.Ruleset ruleset) => inner.Replace(ruleset);

        public void Apply(Rulesets.RulesetDelta delta) => inner.Apply(delta);

        public bool MayHaveDrifted()
        {
            Interlocked.Increment(ref _looks);
            return inner.MayHaveDrifted();
        }

        public IReadOnlyList<string> Verify(Rulesets.Ruleset ruleset)
        {
            var differences = inner.Verify(ruleset);
            if (differences.Count > 0)
            {
                Volatile.Write(ref _looksWhenFound, _looks);
            }

            return differences;
        }

        public void Cleanup() => inner.Cleanup();

        public void Dispose() => inner.Dispose();
    }
}
