using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>What <c>podfence matrix</c> says against what packets do in a lab of the same cluster.</summary>
public sealed class MatrixPacketsTests
{
    private const int Clusters = 9;

    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromMilliseconds(1_500) };
    private static readonly ProbeOptions s_patient = new() { Timeout = TimeSpan.FromSeconds(6) };

    [Fact]
    public async Task Row_EveryPairOfALab_IsWhatPacketsDo()
    {
        Root.Require();
        var first = Cases.FirstSeed(700_001);
        var flows = 0;
        for (var seed = first; seed < first + Clusters; seed++)
        {
            var cluster = ClusterGenerator.Generate(
                seed,
                options: new GeneratorOptions
                {
                    Unreal = false,
                    MaxNodes = 2,
                    MaxPods = 7,
                    MaxPolicies = 6,
                }
            );
            await using var lab = await FencedLab.CreateAsync(
                cluster,
                new LabNetworkOptions { PodNetwork = (PodNetwork)(seed % 3) }
            );
            var whole = Cluster.Complete(new(lab.State, [], []));
            var matrix = ReachMatrix.Of(whole, new() { GroupBy = GroupBy.Pod });
            var parts = ExternalParts.Of(whole);
            var rows = Enumerable.Range(0, matrix.Groups.Count).Select(matrix.Row).ToList();
            foreach (
                var result in await lab.Prober.ProbeAsync(
                    LabFlows.AllPairs(lab),
                    s_probe,
                    TestContext.Current.CancellationToken
                )
            )
            {
                var flow = result.Flow;
                var cell = rows[NumberOf(flow.From)][NumberOf(flow.To)];
                if (cell.Flows.SingleOrDefault(one => one.Families.Contains(flow.Family)) is not { } said)
                {
                    // Nothing is said of a pod and itself, and of ends that no policy fences.
                    continue;
                }

                flows++;
                var measured =
                    result.Outcome == ProbeOutcome.TimedOut
                        ? await lab.Prober.ProbeAsync(flow, s_patient, TestContext.Current.CancellationToken)
                        : result;
                var isOpen = said.Every.Contains(flow.Protocol, flow.Port);
                Assert.True(
                    said.IsUniform && (isOpen ? measured.IsAllowed : measured.IsDenied),
                    $"seed {seed}: {measured}, but the matrix says {cell}"
                );
            }

            int NumberOf(LabEndpoint end) =>
                matrix
                    .Find(
                        end switch
                        {
                            PodEndpoint pod => pod.Key.ToString(),
                            NodeEndpoint node => $"node:{node.Name}",
                            ExternalEndpoint external => parts
                                .Single(part => part.Ranges.Any(range => range.Contains(external.Address)))
                                .Name,
                            _ => throw new ArgumentException($"unknown end {end}", nameof(end)),
                        }
                    )!
                    .Value;
        }

        Assert.True(flows > 100 * Clusters, $"only {flows} flows were compared");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Clusters} clusters, {flows} flows, 0 mismatches");
    }
}
