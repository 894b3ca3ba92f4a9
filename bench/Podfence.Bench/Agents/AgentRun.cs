using Podfence.Analysis;

namespace Podfence.Bench;

/// <summary>What one agent's life in a cluster of one size showed.</summary>
internal sealed record AgentRun
{
    private const double Mebi = 1 << 20;

    public required TimeSpan ToServing { get; init; }

    public required TimeSpan ToFenced { get; init; }

    /// <summary>Resident a while after it was ready, in MiB.</summary>
    public required double Settled { get; init; }

    /// <summary>Resident after the storm, in MiB.</summary>
    public required double After { get; init; }

    /// <summary>The most that was ever resident, in MiB.</summary>
    public required double Peak { get; init; }

    /// <summary>Processor time, in seconds.</summary>
    public required double CpuPerChange { get; init; }

    public required double BytesPerChange { get; init; }

    public required double CommitsPerSecond { get; init; }

    /// <summary>The part of its transactions that its own histogram has at 5 ms or less.</summary>
    public required double WithinFive { get; init; }

    /// <summary>Seconds from the server's being told to the kernel's having committed, by kind of probe.</summary>
    public required IReadOnlyDictionary<ProbeKind, Samples> Latency { get; init; }

    /// <summary>All kinds together.</summary>
    public Samples AllLatency => new(Latency.Values.SelectMany(static samples => samples.Values));

    /// <summary>Lets an agent come up, rest, and live through a storm.</summary>
    public static async Task<AgentRun> TakeAsync(AgentBed bed, AgentLoad load, CancellationToken cancel)
    {
        await using var agent = await bed.StartAgentAsync(cancel);
        await Task.Delay(load.Rest, TimeProvider.System, cancel);
        var settled = agent.Resident / Mebi;

        // Code that was never run and connections that were never used are not what is measured.
        await bed.Server.StormAsync(load.Rate, load.Probes, 1, cancel);
        using var watch = bed.Watch();
        var (metrics, cpu) = (await agent.ScrapeAsync(cancel), agent.CpuSeconds);
        var (probes, changes) = await bed.Server.StormAsync(load.Rate, load.Probes, load.Seconds, cancel);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
        cpu = agent.CpuSeconds - cpu;
        var now = await agent.ScrapeAsync(cancel);
        var (within, all) = now.Since(metrics, "podfence_event_to_kernel_seconds", "0.005");
        const string bytesRead = "podfence_api_read_bytes_total";
        return new AgentRun
        {
            ToServing = agent.ToServing,
            ToFenced = agent.ToFenced,
            Settled = settled,
            After = agent.Resident / Mebi,
            Peak = agent.Peak / Mebi,
            CpuPerChange = cpu / changes,
            BytesPerChange = (now.Sum(bytesRead) - metrics.Sum(bytesRead)) / changes,
            CommitsPerSecond = watch.Count / (double)load.Seconds,
            WithinFive = within / all,
            Latency = Match(probes, watch),
        };
    }

    /// <summary>
    /// Each probe's time: from its sending to the last commit with its address before the address is sent again.
    /// </summary>
    private static Dictionary<ProbeKind, Samples> Match(List<Probe> probes, KernelWatch watch)
    {
        var latency = Enum.GetValues<ProbeKind>().ToDictionary(static kind => kind, static _ => new Samples());
        foreach (var group in probes.GroupBy(static probe => probe.Address))
        {
            var sent = group.ToList();
            for (var i = 0; i < sent.Count; i++)
            {
                var until = i + 1 < sent.Count ? sent[i + 1].SentAt : long.MaxValue;
                var seen = watch.LastOf(sent[i].Address, sent[i].SentAt, until)
                    ?? throw new BenchException($"a change ({sent[i].Kind}) never came to the kernel");
                latency[sent[i].Kind].Add(TimeProvider.System.GetElapsedTime(sent[i].SentAt, seen).TotalSeconds);
            }
        }

        return latency;
    }
}

/// <summary>What an agent has to live through.</summary>
/// <param name="Rate">Changes per second.</param>
/// <param name="Probes">Of these, so many change a rule of the node for certain, and are timed.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Rest">Time before, without any.</param>
internal sealed record AgentLoad(int Rate, int Probes, int Seconds, TimeSpan Rest);
