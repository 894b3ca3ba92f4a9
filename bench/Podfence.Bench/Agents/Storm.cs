using System.Globalization;
using Podfence.Analysis;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Bench;

/// <summary>A change that has to change a rule of the node.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Address">The IPv4 address that goes into the kernel, or out of it.</param>
/// <param name="SentAt">When the server was told of it.</param>
internal readonly record struct Probe(ProbeKind Kind, uint Address, long SentAt)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"probe {Kind} {Address} {SentAt}");

    public static Probe Parse(string line)
    {
        var parts = line.Split(' ');
        return new Probe(
            Enum.Parse<ProbeKind>(parts[1]),
            uint.Parse(parts[2], CultureInfo.InvariantCulture),
            long.Parse(parts[3], CultureInfo.InvariantCulture)
        );
    }
}

/// <summary>Kinds of <see cref="Probe"/>.</summary>
internal enum ProbeKind
{
    /// <summary>A pod of another node is relabelled, and enters or leaves what a local pod admits.</summary>
    Caller,

    /// <summary>A pod comes to the node, or leaves it.</summary>
    Arrival,
}

/// <summary>Changes of pods at an even rate, as a busy cluster has them, and probes among them.</summary>
internal sealed class Storm(ApiSimulator server, AgentCluster cluster)
{
    // The node has its share of what happens, which is the same for each size: else a small cluster would seem to be
    // busier than a large one.
    private const int PercentNear = 10;
    private readonly Random _random = new(3);
    private readonly Queue<Pod> _fresh = new();
    private readonly bool[][] _isOut = [new bool[AgentCluster.Probes], new bool[AgentCluster.Probes]];
    private int _made;
    private int _beats;
    private int _probe;

    /// <summary>Changes of the last run, probes among them.</summary>
    public int Sent { get; private set; }

    /// <summary>Runs for a time.</summary>
    /// <param name="rate">Changes per second.</param>
    /// <param name="probes">Probes per second, in turns of either kind.</param>
    /// <param name="length">For how long.</param>
    public async Task<List<Probe>> RunAsync(int rate, int probes, TimeSpan length)
    {
        var sent = new List<Probe>();
        var began = TimeProvider.System.GetTimestamp();
        Sent = 0;
        while (TimeProvider.System.GetElapsedTime(began) is var elapsed && elapsed < length)
        {
            for (var due = (int)(elapsed.TotalSeconds * rate); Sent < due; Sent++)
            {
                if (sent.Count < (int)(elapsed.TotalSeconds * probes))
                {
                    sent.Add(SendProbe());
                }
                else
                {
                    Change();
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        return sent;
    }

    private Probe SendProbe()
    {
        var kind = (ProbeKind)(_probe % 2);
        var number = _probe / 2 % AgentCluster.Probes;
        _probe++;
        ref var isOut = ref _isOut[(int)kind][number];
        isOut = !isOut;
        var pod = kind == ProbeKind.Arrival ? AgentCluster.Arrival(number) : cluster.Caller(number);
        if (kind == ProbeKind.Caller && isOut)
        {
            pod = pod with { Labels = pod.Labels.With("app", "app-none") };
        }

        var text = PodText.Of(pod, ++_beats);
        var reference = ClusterObject.Of(pod).Reference;
        var at = TimeProvider.System.GetTimestamp();
        if (kind == ProbeKind.Arrival && !isOut)
        {
            server.Remove(reference);
        }
        else
        {
            server.Put(reference, text);
        }

        return new Probe(kind, (uint)pod.Addresses[0].Value, at);
    }

    private void Change()
    {
        var isNear = _random.Next(100) < PercentNear;
        switch (_random.Next(100))
        {
            case < 70:
                // The kubelet has looked again: nothing that policy needs.
                Put(cluster.PodOf(cluster.AnyPod(_random, isNear)));
                break;
            case < 85:
                var pod = cluster.PodOf(cluster.AnyPod(_random, isNear));
                Put(pod with { Labels = pod.Labels.With("revision", $"r{_random.Next(10)}") });
                break;
            case < 93 when _fresh.Count > 0:
                server.Remove(ClusterObject.Of(_fresh.Dequeue()).Reference);
                break;
            default:
                var added = cluster.NewPod(cluster.AnyNamespace(_random, isNear), _made++ % 50_000);
                _fresh.Enqueue(added);
                Put(added);
                break;
        }
    }

    private void Put(Pod pod) => server.Put(ClusterObject.Of(pod).Reference, PodText.Of(pod, ++_beats));
}
