using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// The evaluator against the real kernel: random clusters built of network namespaces, all pairs, real packets.
/// </summary>
public sealed class KernelAgreementTests
{
    // Multiples of six: three networks, each with few and with many linear rules.
    private static readonly int s_clusters = Repetitions.Of(full: 42, otherwise: 18);
    private static readonly int s_clustersOfOthers = Repetitions.Of(full: 24, otherwise: 12);

    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromMilliseconds(1_500) };

    private static readonly ProbeOptions s_patient = new() { Timeout = TimeSpan.FromSeconds(6) };

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task AllPairs_OnRandomClusters_FareAsTheEvaluatorSays(DataplaneKind kind)
    {
        Root.Require();
        var clusters = kind == DataplaneKind.Nftables ? s_clusters : s_clustersOfOthers;
        var first = Cases.FirstSeed(300_001 + (1_000 * (int)kind));
        var flows = 0;
        for (var seed = first; seed < first + clusters; seed++)
        {
            var cluster = Case(seed);
            var (fault, tried) = await DisagreementAsync(cluster, seed, kind);
            flows += tried;
            if (fault is not null)
            {
                var which = seed;
                var small = Shrinker.Shrink(cluster, candidate => Fails(candidate, which, kind), trials: 60);
                var (again, _) = await DisagreementAsync(small, seed, kind);
                throw new CaseFailedException(seed, small, again ?? "it fails now and then: " + fault);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {clusters} clusters, {flows} flows, 0 mismatches");
    }

    /// <summary>Two nodes, and all three ways to connect pods in turn.</summary>
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

    private static bool Fails(ClusterCase candidate, long seed, DataplaneKind kind)
    {
        try
        {
            return DisagreementAsync(candidate, seed, kind).GetAwaiter().GetResult().Fault is not null;
        }
        catch (LabException exception) when (exception.Error == LabError.Manifests)
        {
            // Too much was taken out for a lab to be built of the rest.
            return false;
        }
    }

    private static async Task<(string? Fault, int Flows)> DisagreementAsync(
        ClusterCase cluster,
        long seed,
        DataplaneKind kind
    )
    {
        var network = new LabNetworkOptions { PodNetwork = (PodNetwork)(seed % 3) };
        var options = new CompilerOptions
        {
            MaxLinearRules = seed % 2 == 0 ? 12 : 0,
            MaxSetsPerLookup = seed % 2 == 0 ? 6 : 1,
            Ruleset = new RulesetOptions { PodToNode = seed % 5 == 0 ? PodToNode.Allow : PodToNode.Enforce },
        };
        await using var lab = await FencedLab.CreateAsync(cluster, network, options, kind);
        var flows = LabFlows.AllPairs(lab);
        var results = await lab.Prober.ProbeAsync(flows, s_probe, TestContext.Current.CancellationToken);
        foreach (var first in results)
        {
            // A reset comes at once; a timeout of an allowed flow may be due to a busy machine, so the flow is probed
            // again, alone and with a longer timeout.
            var result =
                first.Outcome == ProbeOutcome.TimedOut
                    ? await lab.Prober.ProbeAsync(first.Flow, s_patient, TestContext.Current.CancellationToken)
                    : first;
            var expected = lab.IsAllowed(result.Flow);
            if (expected ? !result.IsAllowed : !result.IsDenied)
            {
                return (
                    $"{network.PodNetwork}: {result}: the evaluator {(expected ? "allows" : "denies")} "
                        + $"it\n{VerdictText.Explain(lab.Evaluator.Evaluate(lab.Translate(result.Flow)))}",
                    flows.Count
                );
            }
        }

        return lab.Drift() is [var drift, ..]
            ? ($"the kernel does not hold what it was given: {drift}", flows.Count)
            : (null, flows.Count);
    }
}
