using Microsoft.Extensions.Time.Testing;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>A simulated API server, a source that follows it, and a clock that both go by.</summary>
internal sealed class SimulatedSource : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    private SimulatedSource(ApiSimulator server, FakeTimeProvider time, ReflectorOptions options)
    {
        Server = server;
        Time = time;
        _client = new KubeClient(ClusterAccess.To(server.Address), time: time);
        Source = new ClusterSource(_client, Listener.EmitAsync, Listener, options, time);
        _running = Source.RunAsync(_end.Token);
    }

    public ApiSimulator Server { get; }

    public FakeTimeProvider Time { get; }

    public RecordingListener Listener { get; } = new();

    public ClusterSource Source { get; }

    public static async Task<SimulatedSource> StartAsync(
        StreamedLists lists = StreamedLists.Served,
        Action<ApiSimulator>? prepare = null,
        ReflectorOptions? options = null
    )
    {
        var time = new FakeTimeProvider();
        var server = await ApiSimulator.StartAsync(
            new ApiSimulatorOptions
            {
                StreamedLists = lists,
                BookmarkInterval = TimeSpan.FromSeconds(60),
                Time = time,
            }
        );
        prepare?.Invoke(server);
        return new SimulatedSource(server, time, options ?? new ReflectorOptions());
    }

    /// <summary>Waits until what was told is what the server has.</summary>
    public Task SettleAsync(TimeSpan? step = null) =>
        UntilAsync(
            () => Source.Synced.IsCompleted && Listener.Holds(Server.State()),
            "the told state to be the server's",
            step
        );

    /// <summary>Waits, while the clock goes on in steps.</summary>
    public async Task UntilAsync(Func<bool> condition, string what, TimeSpan? step = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (_running.IsCompleted)
            {
                await _running;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30),
                $"waited in vain for {what}: {Report()}"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
            Time.Advance(step ?? TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Every removal that was told, in words or by a list's end, is one that the server made.</summary>
    public void CheckRemovals() =>
        Assert.All(Listener.Read(static listener => listener.Removals.ToArray()), gone =>
            Assert.True(Server.HasRemoved(gone), $"{gone} was never removed")
        );

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        await Server.DisposeAsync();
        _end.Dispose();
    }

    private string Report() =>
        Listener.Read(listener =>
            string.Join(
                '\n',
                listener
                    .Failures.Take(4)
                    .Concat(listener.Failures.TakeLast(4))
                    .Select(static item => $"{item.Kind}: {item.What.Failure.Reason}: {item.What.Failure.Message}")
                    .Concat(Server.Requests.TakeLast(8))
            )
        );
}
