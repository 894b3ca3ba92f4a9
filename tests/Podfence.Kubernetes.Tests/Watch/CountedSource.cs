using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>A source of which only the number of its events is kept.</summary>
internal sealed class CountedSource : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly RecordingListener _listener = new();
    private readonly Task _running;
    private int _told;

    public CountedSource(ApiSimulator server)
    {
        _client = new KubeClient(ClusterAccess.To(server.Address));
        var source = new ClusterSource(
            _client,
            (_, _) =>
            {
                Interlocked.Increment(ref _told);
                return ValueTask.CompletedTask;
            },
            _listener
        );
        Synced = source.Synced;
        _running = source.RunAsync(_end.Token);
    }

    public Task Synced { get; }

    public int Told => Volatile.Read(ref _told);

    public long Bytes => _listener.Read(static listener => listener.Bytes);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _end.Dispose();
    }
}
