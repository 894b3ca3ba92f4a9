using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>A node's namespace with a reconcile loop, as in an agent.</summary>
internal sealed class ReconciledNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CountingDataplane _dataplane;
    private readonly ReconcileLoop _loop;
    private readonly IConnectionTable? _connections;
    private Task _running = Task.CompletedTask;
    private long _barrier;

    /// <summary>Creates the loop.</summary>
    /// <param name="name">The node.</param>
    /// <param name="kernel">Its kernel, maybe one that fails.</param>
    /// <param name="pace">The intervals; by default with a drift check every 20 ms.</param>
    /// <param name="connections">The node's conntrack table; not used if null. Disposed with the node.</param>
    public ReconciledNode(
        string name,
        INftKernel kernel,
        ReconcileOptions? pace = null,
        IConnectionTable? connections = null
    )
        : this(name, new NftablesDataplane(kernel), pace, connections) { }

    /// <summary>Creates the loop with a dataplane of any kind.</summary>
    public ReconciledNode(
        string name,
        IDataplane dataplane,
        ReconcileOptions? pace = null,
        IConnectionTable? connections = null
    )
    {
        Name = name;
        _connections = connections;
        _dataplane = new CountingDataplane(dataplane);
        _loop = new ReconcileLoop(
            name,
            _dataplane,
            Listener,
            options: pace
                ?? new ReconcileOptions
                {
                    DriftInterval = TimeSpan.FromMilliseconds(20),
                    RetryInterval = TimeSpan.FromMilliseconds(10),
                    MaxRetryInterval = TimeSpan.FromMilliseconds(100),
                },
            connections: connections
        );
    }

    public string Name { get; }

    public RecordingListener Listener { get; } = new();

    /// <summary>Checks for drift so far.</summary>
    public int Checks => _dataplane.Checks;

    /// <summary>The number of checks when the last difference was found.</summary>
    public int ChecksWhenFound => _dataplane.ChecksWhenFound;

    public async Task StartAsync(ClusterCase cluster, CancellationToken cancel)
    {
        _running = Task.Run(() => _loop.RunAsync(_stop.Token), cancel);
        await SendAsync(cluster.Upserts(), cancel);
    }

    /// <summary>Sends changes, and waits until they are in the kernel.</summary>
    public async Task SendAsync(IEnumerable<ClusterChange> changes, CancellationToken cancel)
    {
        var barrier = await PostAsync(changes, cancel);
        await Listener.UntilAsync(listener => listener.LastBarrier >= barrier, cancel);
    }

    /// <summary>Sends changes without waiting.</summary>
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

    private static ClusterEvent EventOf(ClusterChange change) =>
        Messages.Of(change) switch
        {
            FenceUpsert upsert => new ObjectUpserted(upsert.Item),
            FenceRemove remove => new ObjectRemoved(remove.Reference),
            var other => throw new ArgumentException($"unknown message {other}", nameof(change)),
        };

    private sealed class CountingDataplane(IDataplane inner) : IDataplane
    {
        private int _checks;
        private int _checksWhenFound;

        public int Checks => Volatile.Read(ref _checks);

        public int ChecksWhenFound => Volatile.Read(ref _checksWhenFound);

        public void Replace(Rulesets.Ruleset ruleset) => inner.Replace(ruleset);

        public void LockDown(Rulesets.Ruleset ruleset) => inner.LockDown(ruleset);

        public bool IsPresent() => inner.IsPresent();

        public void Apply(Rulesets.RulesetDelta delta) => inner.Apply(delta);

        public bool MayHaveDrifted()
        {
            Interlocked.Increment(ref _checks);
            return inner.MayHaveDrifted();
        }

        public IReadOnlyList<string> Verify(Rulesets.Ruleset ruleset)
        {
            var differences = inner.Verify(ruleset);
            if (differences.Count > 0)
            {
                Volatile.Write(ref _checksWhenFound, _checks);
            }

            return differences;
        }

        public void Cleanup() => inner.Cleanup();

        public void Dispose() => inner.Dispose();
    }
}
