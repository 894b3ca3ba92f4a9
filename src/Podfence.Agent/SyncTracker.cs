using System.Threading.Channels;

namespace Podfence.Agent;

/// <summary>
/// Tracks up to which resourceVersion of each kind the kernel is in sync. After changes it queues a sync point; when
/// the loop has reached it, the versions from before it are in the kernel. It also queues the first sync point, before
/// which the loop writes nothing.
/// </summary>
internal sealed class SyncTracker(AgentState state, TimeSpan interval, TimeProvider time)
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SyncPoint _awaited;

    /// <summary>All events of a kind up to a version have been queued.</summary>
    public void Advanced(string kind, string version)
    {
        lock (_lock)
        {
            _versions[kind] = version;
        }

        _changes.Writer.TryWrite(true);
    }

    /// <summary>The loop has reached a sync point.</summary>
    public void Reached(SyncPoint point)
    {
        lock (_lock)
        {
            if (point == _awaited)
            {
                _reached.TrySetResult();
            }
        }
    }

    /// <summary>
    /// Queues the first sync point when everything has been queued once, and others after changes, until cancelled.
    /// </summary>
    /// <param name="post">Queues a sync point.</param>
    /// <param name="synced">Completes when everything has been queued once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        Func<SyncPoint, CancellationToken, ValueTask> post,
        Task synced,
        CancellationToken cancellationToken
    )
    {
        await synced.WaitAsync(cancellationToken).ConfigureAwait(false);
        _changes.Writer.TryWrite(true);
        await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            List<KeyValuePair<string, string>> versions;
            Task reached;
            lock (_lock)
            {
                versions = [.. _versions];
                _awaited = new SyncPoint(_awaited.Number + 1);
                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                reached = _reached.Task;
            }

            await post(_awaited, cancellationToken).ConfigureAwait(false);
            await reached.WaitAsync(cancellationToken).ConfigureAwait(false);
            foreach (var (kind, version) in versions)
            {
                state.Source(kind, source => source with { Version = version });
            }

            // A sync point runs every health check, which must not happen for each change of a busy cluster.
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
