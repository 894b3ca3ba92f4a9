using Podfence.Lab;

namespace Podfence.KernelTests;

/// <summary>Streams of new connections over all watched flows, until the watch ends.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private readonly ServerTable _servers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<FlowStream> _streams;
    private readonly PacketCounters _counters;
    private readonly SourcePorts _ports = new();
    private Flood? _flood;
    private Task _running = Task.CompletedTask;

    private Watch(LabNetwork network, IReadOnlyList<WatchedFlow> flows)
    {
        _streams = [.. flows.Select(flow => new FlowStream(network, _ports, flow))];
        _counters = PacketCounters.Place(network, flows);
    }

    public int Tried(bool allowed) =>
        _streams.Where(stream => stream.Watched.IsAllowed == allowed).Sum(static stream => stream.Tried);

    /// <summary>Starts the servers, then the streams.</summary>
    /// <param name="network">The lab.</param>
    /// <param name="flows">What is watched.</param>
    /// <param name="pause">Between two attempts of a flow: leaves room on a small machine for others to work.</param>
    public static async Task<Watch> BeginAsync(
        LabNetwork network,
        IReadOnlyList<WatchedFlow> flows,
        TimeSpan pause = default
    )
    {
        var watch = new Watch(network, flows);
        foreach (var stream in watch._streams)
        {
            _ = await stream.RentServerAsync(watch._servers);
        }

        watch._flood = await Flood.BeginAsync(network, watch._ports, flows, pause);
        watch._running = Task.WhenAll(
            watch._streams.Select(stream => Task.Run(() => stream.RunAsync(pause, watch._stop.Token)))
        );
        return watch;
    }

    /// <summary>Waits until every flow has been tried the given number of times more.</summary>
    public async Task WaitAsync(int attempts, CancellationToken cancel)
    {
        var before = _streams.ConvertAll(static stream => stream.Tried);
        while (_streams.Where((stream, i) => stream.Tried < before[i] + attempts).Any())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancel);
        }
    }

    /// <summary>Ends the streams and returns the errors.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _flood?.Dispose();
        var arrived = _counters.Read();
        var faults = _streams.SelectMany(static stream => stream.Faults).ToList();
        foreach (var stream in _streams)
        {
            var packets = arrived.GetValueOrDefault(stream.Watched);
            if (!stream.Watched.IsAllowed && packets != 0)
            {
                faults.Add($"{packets} packets got through: {stream.Watched}");
            }
            else if (stream.Watched.IsAllowed && packets < stream.Tried)
            {
                faults.Add($"the counter saw {packets} packets of {stream.Tried} connections: {stream.Watched}");
            }
            else if (stream.Tried == 0)
            {
                faults.Add($"never tried: {stream.Watched}");
            }
        }

        return faults;
    }

    public override string ToString() =>
        $"{Tried(true)} connections over {_streams.Count(static stream => stream.Watched.IsAllowed)} allowed "
        + $"flows ({_streams.Sum(static stream => stream.Repeated)} with a repeated packet), "
        + $"{Tried(false)} attempts over {_streams.Count(static stream => !stream.Watched.IsAllowed)} denied "
        + $"flows, {_flood?.Sent} more datagrams of these";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _flood?.Dispose();
        _servers.Dispose();
        _stop.Dispose();
    }
}
