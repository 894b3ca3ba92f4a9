using Podfence.Analysis;
using Podfence.Cli;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// The output of <c>podfence render</c>, loaded by nft, ipset and iptables: packets get the verdicts of the evaluator,
/// and the kernel holds the rules that the dataplane would have loaded.
/// </summary>
public sealed class RenderedAgreementTests
{
    private const int Clusters = 6;

    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromMilliseconds(1_500) };
    private static readonly ProbeOptions s_patient = new() { Timeout = TimeSpan.FromSeconds(6) };

    public static TheoryData<DataplaneKind> Kinds =>
        [DataplaneKind.Nftables, DataplaneKind.IptablesNft, DataplaneKind.IptablesLegacy];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Render_NodesOfRandomClusters_LoadsByPlainToolsAndAgreesWithTheEvaluator(DataplaneKind kind)
    {
        Root.Require();
        var flows = 0;
        for (var seed = Cases.FirstSeed(370_001); seed < Cases.FirstSeed(370_001) + Clusters; seed++)
        {
            var cluster = Case(seed);
            var options = Options(seed);
            await using var lab = await FencedLab.CreateAsync(cluster, Network(seed), options, kind, network =>
                (node, state) => Load(network.Node(node), Question(node, null, kind, options, seed), state)
            );
            Assert.True(lab.Drift() is [], string.Join("\n", lab.Drift()));
            flows += await AgreesAsync(lab, cluster, seed, LabFlows.AllPairs(lab));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {Clusters} clusters, {flows} flows, 0 mismatches");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Render_OnePod_LoadsByPlainToolsAndFencesThatPod(DataplaneKind kind)
    {
        Root.Require();
        var seed = Cases.FirstSeed(380_001);
        for (var done = 0; done < 2; seed++)
        {
            var cluster = Case(seed);
            var pod = cluster
                .Pods.Where(static pod => pod is { HostNetwork: false, Finished: false })
                .MaxBy(pod => cluster.Policies.Count(policy => policy.Key.Namespace == pod.Key.Namespace))
                ?.Key;
            if (pod is null || !cluster.Policies.Any(policy => policy.Key.Namespace == pod.Value.Namespace))
            {
                continue;
            }

            var options = Options(seed);
            await using var lab = await FencedLab.CreateAsync(cluster, Network(seed), options, kind, network =>
                (node, state) =>
                {
                    // Other nodes have no rules at all, so that nothing but the pod's own fences decides.
                    if (state.FindPod(pod.Value)!.NodeName == node)
                    {
                        Load(network.Node(node), Question(null, pod, kind, options, seed), state);
                    }
                }
            );
            await AgreesAsync(
                lab,
                cluster,
                seed,
                [
                    .. LabFlows
                        .AllPairs(lab)
                        .Where(flow =>
                            flow.From == new PodEndpoint(pod.Value) || flow.To == new PodEndpoint(pod.Value)
                        ),
                ],
                pod
            );
            done++;
        }
    }

    private static RenderQuestion Question(
        string? node,
        PodKey? pod,
        DataplaneKind kind,
        CompilerOptions options,
        long seed
    ) =>
        new(node, pod, AssignIps: false)
        {
            Dataplane = kind,
            Compiler = options,
            Format = seed % 2 == 0 ? RenderFormat.Explain : RenderFormat.Script,
        };

    /// <summary>Gives the script to nft or to a shell, as the page says.</summary>
    private static void Load(NetworkNamespace node, RenderQuestion question, ClusterState state)
    {
        var copy = new ClusterState();
        foreach (var each in state.Nodes.Values)
        {
            copy.Upsert(each);
        }

        foreach (var each in state.Namespaces.Values)
        {
            copy.Upsert(each);
        }

        foreach (var each in state.Pods)
        {
            copy.Upsert(each);
        }

        foreach (var each in state.Policies)
        {
            copy.Upsert(each);
        }

        var script = question.Write(question.Compile(Cluster.Complete(new ClusterInput(copy, [], []))));
        var (program, arguments) =
            question.Dataplane == DataplaneKind.Nftables ? ("nft", new[] { "-f", "-" }) : ("sh", []);
        try
        {
            Tools.Run(node, program, arguments, script);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidOperationException($"{error.Message}\n{script}", error);
        }
    }

    private static async Task<int> AgreesAsync(
        FencedLab lab,
        ClusterCase cluster,
        long seed,
        List<LabFlow> flows,
        PodKey? only = null
    )
    {
        foreach (var first in await lab.Prober.ProbeAsync(flows, s_probe, TestContext.Current.CancellationToken))
        {
            var result =
                first.Outcome == ProbeOutcome.TimedOut
                    ? await lab.Prober.ProbeAsync(first.Flow, s_patient, TestContext.Current.CancellationToken)
                    : first;
            var verdict = lab.Evaluator.Evaluate(lab.Translate(result.Flow));
            var expected = only is null ? verdict.Allowed : SideOf(result.Flow, verdict, only.Value);
            Assert.True(
                expected ? result.IsAllowed : result.IsDenied,
                $"seed {seed}: {result}: the evaluator {(expected ? "allows" : "denies")} "
                    + $"it\n{VerdictText.Explain(verdict)}\n{cluster}"
            );
        }

        return flows.Count;
    }

    /// <summary>What the fences of one pod say, whatever those of the other end do.</summary>
    private static bool SideOf(LabFlow flow, Verdict verdict, PodKey pod) =>
        (flow.From != new PodEndpoint(pod) || verdict.Egress.Allowed)
        && (flow.To != new PodEndpoint(pod) || verdict.Ingress.Allowed);

    private static ClusterCase Case(long seed)
    {
        var made = ClusterGenerator.Generate(
            seed,
            options: new GeneratorOptions
            {
                Unreal = false,
                MaxNodes = 2,
                MaxPods = 8,
                MaxPolicies = 6,
            }
        );
        return made.Nodes.Count == 2 ? made : Case(seed + 1_000_000);
    }

    private static LabNetworkOptions Network(long seed) => new() { PodNetwork = (PodNetwork)(seed % 3) };

    /// <summary>In half of the clusters small fences go by ports, as large ones do.</summary>
    private static CompilerOptions Options(long seed) =>
        new()
        {
            MaxLinearRules = seed % 2 == 0 ? 12 : 0,
            MaxSetsPerLookup = seed % 2 == 0 ? 6 : 1,
            Ruleset = new RulesetOptions
            {
                PodToNode = seed % 5 == 0 ? PodToNode.Allow : PodToNode.Enforce,
                UnknownPodIps = seed % 4 == 0 ? UnknownPodIps.Deny : UnknownPodIps.Allow,
            },
        };
}
