namespace Podfence.Bench;

/// <summary>
/// Takes several ways in turn over the same path, round by round, each round beginning with another one; the first is
/// what the others are compared with.
/// </summary>
/// <param name="bed">The namespaces.</param>
/// <param name="loop">The calls.</param>
/// <param name="ways">What to load before each turn.</param>
internal sealed class Contest(Testbed bed, ConnectionLoop loop, IReadOnlyList<(string Name, Action<Testbed> Load)> ways)
{
    private const int WarmUp = 300;

    private readonly Samples[] _rates = New(ways.Count);
    private readonly Samples[] _costs = New(ways.Count);
    private readonly Samples[] _wallRatios = New(ways.Count);
    private readonly Samples[] _cpuRatios = New(ways.Count);

    /// <summary>Connections per second.</summary>
    public Samples Rate(int way) => _rates[way];

    /// <summary>Microseconds of processor time per connection.</summary>
    public Samples Cost(int way) => _costs[way];

    /// <summary>Connections per second against the first way, by the clock.</summary>
    public Samples WallRatio(int way) => _wallRatios[way];

    /// <summary>The same by processor time.</summary>
    public Samples CpuRatio(int way) => _cpuRatios[way];

    public void Run(int rounds, int connections)
    {
        for (var round = 0; round < rounds; round++)
        {
            var bursts = new Burst[ways.Count];
            for (var i = 0; i < ways.Count; i++)
            {
                var way = (round + i) % ways.Count;
                ways[way].Load(bed);
                loop.Run(WarmUp);
                bursts[way] = loop.Run(connections);
            }

            for (var way = 0; way < ways.Count; way++)
            {
                _rates[way].Add(bursts[way].PerSecond);
                _costs[way].Add(bursts[way].MicrosecondsEach);
                _wallRatios[way].Add(bursts[way].PerSecond / bursts[0].PerSecond);
                _cpuRatios[way].Add(bursts[0].MicrosecondsEach / bursts[way].MicrosecondsEach);
            }
        }
    }

    private static Samples[] New(int count) => [.. Enumerable.Range(0, count).Select(static _ => new Samples())];
}
