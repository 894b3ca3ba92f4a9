using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>
/// Tries flows without pause while things go wrong: some that are denied throughout, and some that are allowed
/// throughout.
/// </summary>
internal sealed class Sentinel : IAsyncDisposable
{
    private static readonly ProbeOptions s_options = new() { Timeout = TimeSpan.FromSeconds(4) };
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Prober _prober;

    public Sentinel(LiveCluster cluster, string denied, string allowed, string to)
        : this(cluster, [(denied, to)], [(allowed, to)]) { }

    public Sentinel(
        LiveCluster cluster,
        IEnumerable<(string From, string To)> denied,
        IEnumerable<(string From, string To)> allowed
    )
    {
        _prober = cluster.Lab.Prober;
        _running = Task.WhenAll([
            .. denied.Select(flow => TryAsync(Flow(flow.From, flow.To), static result => result.IsDenied)),
            .. allowed.Select(flow => TryAsync(Flow(flow.From, flow.To), static result => result.IsAllowed)),
        ]);
    }

    /// <summary>How often a flow was tried.</summary>
    public int Tries { get; private set; }

    /// <summary>What did not fare as it had to.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Ends, and says what went wrong.</summary>
    public async Task EndAsync()
    {
        await DisposeAsync();
        Assert.True(Faults.Count == 0, string.Join('\n', Faults.Take(10)));
        Assert.True(Tries > 20, $"only {Tries} tries");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }

    private static LabFlow Flow(string from, string to) =>
        new(LabEndpoint.Parse(from), LabEndpoint.Parse(to), Protocol.Tcp, 8080, IpFamily.IPv4);

    private async Task TryAsync(LabFlow flow, Func<ProbeResult, bool> isAsItHasToBe)
    {
        while (!_stop.IsCancellationRequested)
        {
            var result = await _prober.ProbeAsync(flow, s_options, CancellationToken.None);
            lock (Faults)
            {
                Tries++;
                if (!isAsItHasToBe(result))
                {
                    Faults.Add(result.ToString());
                }
            }
        }
    }
}
