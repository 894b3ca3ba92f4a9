using Podfence.Base;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.ClusterTests;

/// <summary>
/// The differential test through the API: random clusters and random changes are posted to a real server, and packets
/// fare as the evaluator says of what the server has.
/// </summary>
[Collection(BusyMachine.Name)]
public sealed class LiveAgreementTests
{
    private const int Clusters = 3;
    private const int ChangesPerLook = 8;

    /// <summary>Two nodes of different kinds, so that in three clusters each kind meets each other.</summary>
    [Fact]
    public async Task AllPairs_OfRandomClustersThroughTheServer_MatchTheEvaluator()
    {
        LiveCluster.Require();
        var first = Cases.FirstSeed(410_001);
        var (flows, looks) = (0, 0);
        for (var seed = first; seed < first + Clusters; seed++)
        {
            var made = Case(seed);
            await using var cluster = await LiveCluster.StartAsync(
                ManifestsOf(made),
                (PodNetwork)(seed % 3),
                dataplane: LiveCluster.Mixed((int)(seed - first))
            );
            var changes = made.Changes.Where(static change => change is not NodeChange).Chunk(ChangesPerLook).ToList();
            for (var step = 0; step <= changes.Count; step++)
            {
                var (differences, tried) = await cluster.CompareAsync();
                flows += tried;
                looks++;
                Assert.True(
                    differences.Count == 0,
                    $"seed {seed}, after {step * ChangesPerLook} "
                        + $"changes:\n{string.Join('\n', differences.Take(10))}\n{made}"
                );
                foreach (var change in step < changes.Count ? changes[step] : [])
                {
                    await ApplyAsync(cluster.Lab, change);
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Clusters} clusters, {looks} looks, {flows} flows, 0 mismatches"
        );
    }

    private static ClusterCase Case(long seed)
    {
        var made = ClusterGenerator.Generate(
            seed,
            steps: 24,
            options: new GeneratorOptions
            {
                Unreal = false,
                MaxNodes = 2,
                MaxPods = 8,
                MaxPolicies = 6,
            }
        );
        return made.Nodes.Count != 2
            ? Case(seed + 1_000_000)
            : made with
            {
                Policies = made.Policies.Where(IsTakenByServers).ToEquatableArray(),
                Changes = made
                    .Changes.Where(static change =>
                        change is not PolicyChange { After: { } policy } || IsTakenByServers(policy)
                    )
                    .ToEquatableArray(),
            };
    }

    // What a newer server might have let through, and we cannot read, this one refuses.
    private static bool IsTakenByServers(NetworkPolicy policy) =>
        !ManifestWriter.ToJson(ClusterObject.Of(policy)).Contains("\"Unreadable\"", StringComparison.Ordinal);

    private static ObjectSet ManifestsOf(ClusterCase made) =>
        new()
        {
            Objects =
            [
                .. made.Nodes.Select(ClusterObject.Of),
                .. made.Namespaces.Select(ClusterObject.Of),
                .. made.Pods.Select(ClusterObject.Of),
                .. made.Policies.Select(ClusterObject.Of),
            ],
            Diagnostics = [],
            IgnoredKinds = new Dictionary<string, int>(),
            ImpliedNamespaces = [],
        };

    private static Task ApplyAsync(LabCluster lab, ClusterChange change)
    {
        var cancel = TestContext.Current.CancellationToken;
        return change switch
        {
            PodChange { After: { } pod } => lab.ApplyAsync([ClusterObject.Of(pod)], cancel),
            PodChange { Key: var key } => lab.DeleteAsync(
                [new ObjectReference(nameof(Pod), key.Namespace, key.Name)],
                cancel
            ),
            PolicyChange { After: { } policy } => lab.ApplyAsync([ClusterObject.Of(policy)], cancel),
            PolicyChange { Key: var key } => lab.DeleteAsync(
                [new ObjectReference(nameof(NetworkPolicy), key.Namespace, key.Name)],
                cancel
            ),
            NamespaceChange { After: { } space } => lab.ApplyAsync([ClusterObject.Of(space)], cancel),

            // A namespace goes when its last object has: a real server keeps it as long as that takes.
            _ => Task.CompletedTask,
        };
    }
}
