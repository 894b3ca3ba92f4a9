using System.Threading.Channels;

namespace Podfence.Agent;

/// <summary>
/// Knows how far the kernel is: the API server's version of each kind up to which everything told is in force. Now and then it sends a barrier after what was told;
/// when the loop has reached it, that is the position. The first barrier, which lets the loop write at all, is its too.
/// </summary>
internal sealed class SyncTracker(AgentState state, Func<Barrier, CancellationToken, ValueTask> post, TimeSpan pause, TimeProvider time)
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _awaited;

    /// <summary>Everything of a kind up to a version has been told to the loop.</summary>
    public void Told(string kind, string version)
    {
        lock (_lock)
        {
            _told[kind] = version;
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>The loop has reached a barrier.</summary>
    public void Reached(long barrier)
    {
        lock (_lock)
        {
            if (barrier == _awaited)
            {
                _reached.TrySetResult();
            }
        }
    }

    /// <summary>Sends the first barrier when everything has been told once, and others after news, until cancelled.</summary>
    public async Task RunAsync(Task synced, CancellationToken cancellationToken)
    {
        await synced.WaitAsync(cancellationToken).ConfigureAwait(false);
        _news.Writer.TryWrite(true);
        await foreach (var _ in _news.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            List<KeyValuePair<string, string>> position;
            Task reached;
            lock (_lock)
            {
                position = [.. _told];
                _awaited++;
                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                reached = _reached.Task;
            }

            await post(new Barrier(_awaited), cancellationToken).ConfigureAwait(false);
            await reached.WaitAsync(cancellationToken).ConfigureAwait(false);
            foreach (var (kind, version) in position)
            {
                state.Source(kind, source => source with { Version = version });
            }

            // A barrier asks every health check, which is not to be done for each change of a busy cluster.
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
