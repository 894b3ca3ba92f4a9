using Podfence.Model;

namespace Podfence.Kubernetes.Tests;

/// <summary>A source that follows a real API server.</summary>
internal sealed class LiveSource : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    public LiveSource(string kubeconfig, ReflectorOptions? options = null)
    {
        _client = new KubeClient(
            ClusterAccess.Load(new AccessOptions { Kubeconfig = kubeconfig, Environment = static _ => null })
        );
        Source = new ClusterSource(_client, Listener.EmitAsync, Listener, options);
        _running = Source.RunAsync(_end.Token);
    }

    public RecordingListener Listener { get; } = new();

    public ClusterSource Source { get; }

    /// <summary>Whether a pod has been told and not removed.</summary>
    public bool HasPod(string space, string name) =>
        Listener.Read(listener => listener.State.FindPod(new PodKey(space, name)) is not null);

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (_running.IsCompleted)
            {
                await _running;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60),
                $"waited in vain for {what}: {Report()}"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _end.Dispose();
    }

    private string Report() =>
        Listener.Read(static listener =>
            string.Join(
                '\n',
                listener
                    .Failures.TakeLast(6)
                    .Select(static item => $"{item.Kind}: {item.What.Failure.Reason}: {item.What.Failure.Message}")
            )
        );
}
