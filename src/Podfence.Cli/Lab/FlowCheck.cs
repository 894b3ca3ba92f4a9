using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>A flow to measure.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="From">The source's address.</param>
/// <param name="To">The destination's address.</param>
/// <param name="Wanted">What a file expects, or null.</param>
internal sealed record WantedFlow(LabFlow Flow, IpAddress From, IpAddress To, Expectation? Wanted = null);

/// <summary>A flow as measured, beside what the policies say and what a file expects.</summary>
/// <param name="Wanted">The flow.</param>
/// <param name="Result">What its packets did.</param>
/// <param name="Verdict">What the evaluator says, with reasons.</param>
internal sealed record CheckedFlow(WantedFlow Wanted, ProbeResult Result, Verdict Verdict)
{
    /// <summary>Whether the packets did what the policies say. A probe that could not be made agrees with nothing.</summary>
    public bool AgreesWithPolicies => Verdict.Allowed ? Result.IsAllowed : Result.IsDenied;

    /// <summary>Whether the packets did what the file expects; true where it expects nothing.</summary>
    public bool AgreesWithFile => Wanted.Wanted is not { } expected || (expected.Verdict == ExpectedVerdict.Allow ? Result.IsAllowed : Result.IsDenied);

    public bool Agrees => AgreesWithPolicies && AgreesWithFile;
}

/// <summary>Measures flows in a lab and compares them with the evaluator, which sees the same objects as the fences.</summary>
internal sealed class FlowCheck
{
    /// <summary>Exit code where packets disagree with what was expected of them.</summary>
    public const int Disagreement = 2;

    private readonly Probe _probe;
    private readonly Evaluator _evaluator;

    private FlowCheck(IEnumerable<ClusterObject> objects, Probe probe, EvaluatorOptions options)
    {
        _probe = probe;
        foreach (var item in objects)
        {
            State.Upsert(item);
        }

        _evaluator = new Evaluator(State, options);
    }

    private delegate Task<IReadOnlyList<ProbeResult>> Probe(IReadOnlyList<LabFlow> flows, TimeSpan timeout, CancellationToken cancel);

    /// <summary>The lab's cluster, with everything that was chosen for it.</summary>
    public ClusterState State { get; } = new();

    /// <summary>Asks a lab what it holds.</summary>
    public static async Task<FlowCheck> OfAsync(string lab, CancellationToken cancel)
    {
        var client = new LabClient(lab);
        // The evaluator has to judge by the choices that the lab's fences were started with.
        var settings = (await client.StatusAsync(cancel)).Settings;
        var ownNode = settings.TryGetValue(LabDaemonOptionSet.OwnNodeSetting, out var chosen) ? Enum.Parse<PodToNode>(chosen, ignoreCase: true) : default;
        return new FlowCheck(await client.ObjectsAsync(cancel), client.ProbeAsync, new EvaluatorOptions { PodToNode = ownNode });
    }

    /// <summary>A cluster of this process as it is now, with fences of the default settings.</summary>
    public static async Task<FlowCheck> OfAsync(LabCluster cluster, CancellationToken cancel) => new(
        await cluster.ReadObjectsAsync(cancel),
        async (flows, timeout, stop) => await cluster.Prober.ProbeAsync(flows, new ProbeOptions { Timeout = timeout }, stop),
        new EvaluatorOptions());

    /// <summary>The flows that expectations are about.</summary>
    /// <exception cref="CliException">Some are about nothing there is.</exception>
    public IReadOnlyList<WantedFlow> Expand(IReadOnlyList<Expectation> expectations, bool areWanted)
    {
        var (flows, faults) = expectations.Expand(State);
        return faults.Count > 0
            ? throw new CliException(string.Join('\n', faults.Select(Describe)))
            : [.. flows.Select(flow => new WantedFlow(
                new LabFlow(EndOf(flow.From), EndOf(flow.To), flow.Expectation.Protocol, flow.Expectation.Port, flow.From.Address.Family),
                flow.From.Address,
                flow.To.Address,
                areWanted ? flow.Expectation : null))];
    }

    /// <summary>Sends the packets.</summary>
    public async Task<IReadOnlyList<CheckedFlow>> MeasureAsync(IReadOnlyList<WantedFlow> flows, TimeSpan timeout, CancellationToken cancel)
    {
        var results = await _probe([.. flows.Select(static flow => flow.Flow)], timeout, cancel);
        return [.. flows.Zip(results, (flow, result) => new CheckedFlow(flow, result, Judge(flow)))];
    }

    // What came by options has no place in a file.
    private static string Describe(Diagnostic fault) =>
        fault.Location.File is not null ? fault.ToString() : fault.Remedy is null ? fault.Message : $"{fault.Message} ({fault.Remedy})";

    private static LabEnd EndOf(ExpectedEnd end) =>
        end.Pod is { } pod ? new PodEnd(pod.Key) : end.Node is { } node ? new NodeEnd(node.Name) : new ExternalEnd(end.Address);

    private Verdict Judge(WantedFlow flow) => _evaluator.Evaluate(new Flow(EndOf(flow.Flow.From, flow.From), EndOf(flow.Flow.To, flow.To), flow.Flow.Protocol, flow.Flow.Port));

    private static FlowEndpoint EndOf(LabEnd end, IpAddress address) => end switch
    {
        PodEnd pod => FlowEndpoint.Of(pod.Key, address),
        NodeEnd node => FlowEndpoint.OfNode(node.Name, address),
        _ => FlowEndpoint.External(address),
    };
}
