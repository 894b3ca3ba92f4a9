using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>
/// Ways for one cluster to come about. All end at the same objects, so whatever is made of them must be the same too.
/// </summary>
public static class ArrivalOrders
{
    /// <summary>
    /// Changes that lead from nothing to the cluster: its objects in any order (pods before their namespaces, policies
    /// before pods), some of them first in another version or removed in between, and unrelated objects that are added
    /// and removed.
    /// </summary>
    public static IReadOnlyList<ClusterChange> Of(ClusterCase cluster, long seed)
    {
        var rng = new Rng(seed);
        var unrelated = ClusterGenerator.Generate(seed);
        var steps = new List<(int Rank, ClusterChange Change)>();

        // Ranks within one object keep its history in order; between objects they are random.
        foreach (var change in cluster.Upserts())
        {
            var rank = rng.Below(1000);
            foreach (var earlier in rng.Percent(40) ? History(change, unrelated, rng) : [])
            {
                steps.Add((rank, earlier));
                rank += rng.Below(300);
            }

            steps.Add((rank, change));
        }

        var kept = cluster.Upserts().Select(Identity).ToHashSet();
        foreach (var change in unrelated.Upserts().Where(change => !kept.Contains(Identity(change))))
        {
            var rank = rng.Below(1000);
            steps.Add((rank, change));
            steps.Add((rank + rng.Below(300), Removal(change)));
        }

        return
        [
            .. steps
                .Select(static (step, index) => (step.Rank, index, step.Change))
                .OrderBy(static step => (step.Rank, step.index))
                .Select(static step => step.Change),
        ];
    }

    private static IEnumerable<ClusterChange> History(ClusterChange change, ClusterCase unrelated, Rng rng)
    {
        var other = Otherwise(change, unrelated, rng);
        return rng.Weighted(2, 1, 1) switch
        {
            0 => [other],
            1 => [change, Removal(change)],
            _ => [change, other, Removal(change)],
        };
    }

    /// <summary>The object of that name in another shape.</summary>
    private static ClusterChange Otherwise(ClusterChange change, ClusterCase unrelated, Rng rng) =>
        change switch
        {
            PodChange pod => pod with
            {
                After = rng.Pick(unrelated.Pods) with { Key = pod.Key },
                What = "another pod of that name",
            },
            PolicyChange policy when !unrelated.Policies.IsEmpty => policy with
            {
                After = rng.Pick(unrelated.Policies) with { Key = policy.Key },
                What = "another policy of that name",
            },
            NamespaceChange ns => ns with
            {
                After = Namespace.Create(ns.Name, LabelSet.Of(("team", "a"))),
                What = "the namespace with other labels",
            },
            NodeChange { After: { } node } => new NodeChange(
                node.Name,
                node with
                {
                    Addresses = [],
                },
                "the node without addresses"
            ),
            _ => change,
        };

    private static ClusterChange Removal(ClusterChange change) =>
        change switch
        {
            PodChange pod => pod with { After = null, What = "remove" },
            PolicyChange policy => policy with { After = null, What = "remove" },
            NamespaceChange ns => ns with { After = null, What = "remove" },
            NodeChange node => node with { After = null, What = "remove" },
            _ => change,
        };

    private static (Type Kind, string Name) Identity(ClusterChange change) =>
        (
            change.GetType(),
            change switch
            {
                PodChange pod => pod.Key.ToString(),
                PolicyChange policy => policy.Key.ToString(),
                NamespaceChange ns => ns.Name,
                NodeChange node => node.Name,
                _ => "",
            }
        );
}
