namespace Podfence.Bench;

/// <summary>
/// Takes the sides in turn, round by round, each round beginning with another: each loads its rules into a kernel
/// without any, forwards connections, makes its changes, and is taken away. Ratios are taken within a round.
/// </summary>
/// <param name="loop">The calls.</param>
/// <param name="sides">Who takes part.</param>
internal sealed class SideContest(ConnectionLoop loop, IReadOnlyList<ISide> sides)
{
    private const int WarmUp = 100;
    private const int Changes = 4;

    /// <summary>What was measured of a side.</summary>
    public IReadOnlyList<SideResult> Results { get; } =
    [.. sides.Select(static side => new SideResult(side.Name, side.Rules))];

    /// <summary>Connections without any rules.</summary>
    public SideResult Bare { get; } = new("no rules", 0);

    public void Run(int rounds, int connections, CancellationToken cancel)
    {
        for (var round = 0; round < rounds; round++)
        {
            loop.Run(WarmUp);
            var bare = loop.Run(connections);
            Bare.Add(bare, bare);
            var turns = new (double Load, double Peer, double Policy)[sides.Count];
            for (var i = 0; i < sides.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                var which = (round + i) % sides.Count;
                turns[which] = Turn(sides[which], Results[which], bare, connections);
            }

            for (var i = 0; i < sides.Count; i++)
            {
                Results[i].LoadRatio.Add(turns[i].Load / turns[0].Load);
                Results[i].PeerRatio.Add(turns[i].Peer / turns[0].Peer);
                Results[i].PolicyRatio.Add(turns[i].Policy / turns[0].Policy);
            }
        }
    }

    private (double Load, double Peer, double Policy) Turn(ISide side, SideResult result, Burst bare, int connections)
    {
        var clock = Stopclock.Start();
        side.Load();
        var load = clock.WallSeconds;
        result.Load.Add(load);

        loop.Run(WarmUp);
        var burst = loop.Run(connections);
        result.Add(burst, bare);

        var peer = Time(side.ChangePeer, result.Peer);
        var policy = Time(side.ChangePolicy, result.Policy);
        side.Unload();
        return (load, peer, policy);
    }

    /// <summary>There and back, some times; the median of them.</summary>
    private static double Time(Action<bool> change, Samples all)
    {
        var these = new Samples();
        for (var i = 0; i < Changes; i++)
        {
            var clock = Stopclock.Start();
            change(i % 2 == 0);
            these.Add(clock.WallSeconds);
            all.Add(clock.WallSeconds);
        }

        return these.Median;
    }
}

/// <summary>What was measured of one side in one case.</summary>
/// <param name="Name">The side.</param>
/// <param name="Rules">Rules in all chains.</param>
internal sealed record SideResult(string Name, int Rules)
{
    /// <summary>Connections per second.</summary>
    public Samples Rate { get; } = new();

    /// <summary>Connections per second of processor time: what others take of the machine is left out.</summary>
    public Samples CpuRate { get; } = new();

    /// <summary>Microseconds of processor time that the rules cost a connection.</summary>
    public Samples Cost { get; } = new();

    /// <summary>Against no rules, by processor time.</summary>
    public Samples CpuRatio { get; } = new();

    /// <summary>Seconds until a peer that came or went was in force.</summary>
    public Samples Peer { get; } = new();

    /// <summary>Seconds until a policy that came or went was in force.</summary>
    public Samples Policy { get; } = new();

    /// <summary>Seconds to load everything into a kernel without rules.</summary>
    public Samples Load { get; } = new();

    /// <summary>The same as times of the first side's, round by round.</summary>
    public Samples PeerRatio { get; } = new();

    /// <summary>The same as times of the first side's, round by round.</summary>
    public Samples PolicyRatio { get; } = new();

    /// <summary>The same as times of the first side's, round by round.</summary>
    public Samples LoadRatio { get; } = new();

    /// <summary>Takes in what connections took, beside those of the same round without rules.</summary>
    public void Add(Burst burst, Burst bare)
    {
        Rate.Add(burst.PerSecond);
        CpuRate.Add(1e6 / burst.MicrosecondsEach);
        Cost.Add(burst.MicrosecondsEach - bare.MicrosecondsEach);
        CpuRatio.Add(bare.MicrosecondsEach / burst.MicrosecondsEach);
    }
}
