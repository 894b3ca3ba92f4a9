using Podfence.Compilation;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Agreement.Tests;

/// <summary>
/// The evaluator, which transcribes the documentation, against the compiled rules, executed packet by packet: for each
/// random cluster on every class of flows, so that for this cluster agreement is proved.
/// </summary>
public sealed class AgreementTests
{
    /// <summary>How many clusters one run tries.</summary>
    private const int Clusters = 5_000;

    [Fact]
    public void EveryClassOfFlows_OnRandomClusters_HasTheEvaluatorsVerdict()
    {
        Cases.Check(Clusters, cluster =>
        {
            var state = cluster.ToState();
            return Disagreement(state, new CompiledCluster(state, NodesOf(state), Options(cluster)), Options(cluster));
        });
    }

    [Fact]
    public void EveryClassOfFlows_AfterRandomChanges_HasTheEvaluatorsVerdict()
    {
        Cases.Check(
            1_000,
            cluster =>
            {
                var state = cluster.ToState();
                var options = Options(cluster);
                var nodes = NodesOf(state).Union(NodesOf(cluster.ToFinalState())).ToList();
                var compiled = new CompiledCluster(state, nodes, options);
                var step = 0;
                foreach (var change in cluster.Changes)
                {
                    change.Apply(state);
                    // Some changes are applied alone, some together with the next ones.
                    if (++step % 3 != 0)
                    {
                        compiled.Apply();
                    }
                }

                compiled.Apply();
                return compiled.Drift().FirstOrDefault() is { } drift
                    ? $"what changes left in the kernel is not what compiling from scratch gives: {drift}"
                    : Disagreement(state, compiled, options);
            },
            seed => ClusterGenerator.Generate(seed, steps: 12),
            firstSeed: 100_001
        );
    }

    [Fact]
    public void Ruleset_AnyOrderOfArrival_IsTheSame()
    {
        Cases.Check(
            1_000,
            cluster =>
            {
                var options = Options(cluster);
                var scratch = cluster.ToState();
                var arrived = new ClusterState();
                var nodes = NodesOf(scratch);
                var compilers = nodes.ToDictionary(
                    static name => name,
                    name => new NodeCompiler(arrived, name, options)
                );
                var rng = 0;
                foreach (var change in ArrivalOrders.Of(cluster, cluster.Pods.Count + (cluster.Policies.Count * 31)))
                {
                    change.Apply(arrived);
                    if (++rng % 5 == 0)
                    {
                        foreach (var compiler in compilers.Values)
                        {
                            compiler.Flush();
                        }
                    }
                }

                foreach (var (name, compiler) in compilers)
                {
                    var (one, other) = (
                        RulesetText.Of(new NodeCompiler(scratch, name, options).Snapshot()),
                        RulesetText.Of(compiler.Snapshot())
                    );
                    if (one != other)
                    {
                        return $"node {name}: from scratch\n{one}\nby changes\n{other}";
                    }
                }

                return null;
            },
            firstSeed: 200_001
        );
    }

    /// <summary>
    /// Half of the clusters are compiled with few linear rules and sets, so that small clusters use the code for large
    /// ones.
    /// </summary>
    private static CompilerOptions Options(ClusterCase cluster)
    {
        var flavour =
            cluster.Policies.Sum(static policy => policy.Ingress.Count + policy.Egress.Count + policy.Key.Name.Length)
            + cluster.Pods.Count;
        return new CompilerOptions
        {
            MaxLinearRules =
                flavour % 4 == 0 ? 12
                : flavour % 4 == 1 ? 2
                : 0,
            MaxSetsPerLookup =
                flavour % 3 == 0 ? 6
                : flavour % 3 == 1 ? 2
                : 1,
            Ruleset = new RulesetOptions
            {
                PodToNode = flavour % 5 == 0 ? PodToNode.Allow : PodToNode.Enforce,
                DenyAction = flavour % 7 == 0 ? DenyAction.Drop : DenyAction.Reject,
                UnknownPodIps = flavour % 2 == 0 ? UnknownPodIps.Deny : UnknownPodIps.Allow,
            },
        };
    }

    private static List<string> NodesOf(ClusterState state) =>
        [
            .. state
                .Nodes.Keys.Concat(state.Pods.Select(static pod => pod.NodeName).OfType<string>())
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>A pod with an address but no node is contradictory: no kernel could fence it.</summary>
    private static bool IsNowhere(ClusterState state, IpAddress address) =>
        state.OwnerOf(address) is { NodeName: null };

    private static string? Disagreement(ClusterState state, CompiledCluster compiled, CompilerOptions options)
    {
        var evaluator = new Evaluator(state, new EvaluatorOptions { PodToNode = options.Ruleset.PodToNode });
        var (ranges, ports) = compiled.Edges();
        foreach (var flow in FlowClasses.Of(state, ranges, ports).All())
        {
            if (IsNowhere(state, flow.Source.Address) || IsNowhere(state, flow.Destination.Address))
            {
                continue;
            }

            // The evaluator knows of pods alone; to a node that is closed, an address without one is not yet a pod.
            var expected =
                evaluator.IsAllowed(flow)
                && !(
                    options.Ruleset.UnknownPodIps == UnknownPodIps.Deny && compiled.MeetsUnknown(flow, options.Ruleset)
                );
            if (expected != compiled.Passes(flow))
            {
                return $"{flow}: the evaluator {(expected ? "allows" : "denies")} it, the rules do not "
                    + $"agree\n{VerdictText.Explain(evaluator.Evaluate(flow))}\n{compiled.Trace(flow)}";
            }
        }

        return null;
    }
}
