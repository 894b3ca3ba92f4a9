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
/// <param name="Wanted">The expectation of a file, or null.</param>
internal sealed record WantedFlow(LabFlow Flow, IpAddress From, IpAddress To, Expectation? Wanted = null);

/// <summary>A measured flow with the verdict of the policies and the expectation of a file.</summary>
/// <param name="Wanted">The flow.</param>
/// <param name="Result">The measured result.</param>
/// <param name="Verdict">The evaluator's verdict.</param>
internal sealed record CheckedFlow(WantedFlow Wanted, ProbeResult Result, Verdict Verdict)
{
    /// <summary>Whether the result agrees with the policies; false for a probe that could not be made.</summary>
    public bool AgreesWithPolicies => Verdict.Allowed ? Result.IsAllowed : Result.IsDenied;

    /// <summary>Whether the result agrees with the file; true if the file expects nothing of the flow.</summary>
    public bool AgreesWithFile =>
        Wanted.Wanted is not { } expected
        || (expected.Verdict == ExpectedVerdict.Allow ? Result.IsAllowed : Result.IsDenied);

    public bool Agrees => AgreesWithPolicies && AgreesWithFile;
}

/// <summary>
/// Measures flows in a lab and compares them with the evaluator, which gets the same objects as the nodes.
/// </summary>
internal sealed class FlowCheck
{
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

    private delegate Task<IReadOnlyList<ProbeResult>> Probe(
        IReadOnlyList<LabFlow> flows,
        TimeSpan timeout,
        CancellationToken cancel
    );

    /// <summary>The lab's cluster, including assigned nodes and addresses.</summary>
    public ClusterState State { get; } = new();

    /// <summary>For a running lab.</summary>
    public static async Task<FlowCheck> OfAsync(string lab, CancellationToken cancel)
    {
        var client = new LabClient(lab);
        // The evaluator needs the settings that the lab was started with.
        var settings = (await client.StatusAsync(cancel)).Settings;
        var podToNode = settings.TryGetValue(LabDaemonOptionSet.PodToNodeKey, out var chosen)
            ? Enum.Parse<PodToNode>(chosen, ignoreCase: true)
            : default;
        return new FlowCheck(
            await client.ObjectsAsync(cancel),
            client.ProbeAsync,
            new EvaluatorOptions { PodToNode = podToNode }
        );
    }

    /// <summary>For a cluster in this process that has default settings.</summary>
    public static async Task<FlowCheck> OfAsync(LabCluster cluster, CancellationToken cancel) =>
        new(
            await cluster.ReadObjectsAsync(cancel),
            async (flows, timeout, stop) =>
                await cluster.Prober.ProbeAsync(flows, new ProbeOptions { Timeout = timeout }, stop),
            new EvaluatorOptions()
        );

    /// <summary>The flows that the expectations match.</summary>
    /// <exception cref="CliException">Some expectations match no flow.</exception>
    public IReadOnlyList<WantedFlow> Expand(IReadOnlyList<Expectation> expectations, bool areWanted)
    {
        var (flows, faults) = expectations.Expand(State);
        return faults.Count > 0
            ? throw new CliException(string.Join('\n', faults.Select(Describe)))
            :
            [
                .. flows.Select(flow => new WantedFlow(
                    new LabFlow(
                        EndOf(flow.From),
                        EndOf(flow.To),
                        flow.Expectation.Protocol,
                        flow.Expectation.Port,
                        flow.From.Address.Family
                    ),
                    flow.From.Address,
                    flow.To.Address,
                    areWanted ? flow.Expectation : null
                )),
            ];
    }

    public async Task<IReadOnlyList<CheckedFlow>> MeasureAsync(
        IReadOnlyList<WantedFlow> flows,
        TimeSpan timeout,
        CancellationToken cancel
    )
    {
        var results = await _probe([.. flows.Select(static flow => flow.Flow)], timeout, cancel);
        return [.. flows.Zip(results, (flow, result) => new CheckedFlow(flow, result, Judge(flow)))];
    }

    // Expectations from options have no location.
    private static string Describe(Diagnostic fault) =>
        fault.Location.File is not null ? fault.ToString()
        : fault.Remedy is null ? fault.Message
        : $"{fault.Message} ({fault.Remedy})";

    private static LabEndpoint EndOf(ExpectedEnd end) =>
        end.Pod is { } pod ? new PodEndpoint(pod.Key)
        : end.Node is { } node ? new NodeEndpoint(node.Name)
        : new ExternalEndpoint(end.Address);

    private Verdict Judge(WantedFlow flow) =>
        _evaluator.Evaluate(
            new Flow(EndOf(flow.Flow.From, flow.From), EndOf(flow.Flow.To, flow.To), flow.Flow.Protocol, flow.Flow.Port)
        );

    private static FlowEndpoint EndOf(LabEndpoint end, IpAddress address) =>
        end switch
        {
            PodEndpoint pod => FlowEndpoint.Of(pod.Key, address),
            NodeEndpoint node => FlowEndpoint.OfNode(node.Name, address),
            _ => FlowEndpoint.External(address),
        };
}
