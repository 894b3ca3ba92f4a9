using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Finds the smallest edit that would allow a denied flow, and verifies it by evaluating the cluster with the edit.
/// </summary>
public static class FixFinder
{
    /// <summary>One change for each side that denies: a flow that both ends deny needs both.</summary>
    /// <returns>The changes; empty for a flow that is allowed, and where no change of the sides' policies allows
    /// it.</returns>
    public static IReadOnlyList<PolicyChange> Find(Cluster cluster, Verdict verdict)
    {
        var changes = new List<PolicyChange>();
        foreach (
            var direction in new[] { Direction.Egress, Direction.Ingress }.Where(direction =>
                !Side(verdict, direction).Allowed
            )
        )
        {
            // After the first change: both may edit the same policy.
            if (With(cluster, changes, () => FindFor(cluster, verdict.Flow, direction)) is not { } change)
            {
                return [];
            }

            changes.Add(change);
        }

        return With(cluster, changes, () => cluster.Evaluator.IsAllowed(verdict.Flow)) ? changes : [];
    }

    /// <summary>Evaluates a question on the cluster with some changes, and undoes them.</summary>
    public static T With<T>(Cluster cluster, IReadOnlyList<PolicyChange> changes, Func<T> question)
    {
        try
        {
            foreach (var change in changes)
            {
                cluster.State.Upsert(change.After);
            }

            return question();
        }
        finally
        {
            foreach (var change in changes.Reverse())
            {
                cluster.State.Upsert(change.Policy);
            }
        }
    }

    private static PolicyChange? FindFor(Cluster cluster, Flow flow, Direction direction)
    {
        var verdict = cluster.Evaluator.Evaluate(flow);
        return new FixCandidates(cluster, verdict, Side(verdict, direction))
            .All()
            .FirstOrDefault(change =>
                With(cluster, [change], () => Side(cluster.Evaluator.Evaluate(flow), direction).Allowed)
            );
    }

    private static SideVerdict Side(Verdict verdict, Direction direction) =>
        direction == Direction.Ingress ? verdict.Ingress : verdict.Egress;
}
