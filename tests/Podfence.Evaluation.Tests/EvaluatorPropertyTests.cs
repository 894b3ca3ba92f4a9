using Podfence.Base;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Evaluation.Tests;

/// <summary>What must hold of every verdict, on random clusters.</summary>
public sealed class EvaluatorPropertyTests
{
    [Fact]
    public void Evaluate_AnyFlow_ExplainsTheVerdictThatIsAllowedGives() => Cases.Check(150, static cluster =>
        {
            var state = cluster.ToState();
            var evaluator = new Evaluator(state);
            foreach (var flow in Sample(state, cluster))
            {
                var verdict = evaluator.Evaluate(flow);
                if (
                    verdict.Allowed != evaluator.IsAllowed(flow)
                    || !Coherent(verdict.Egress)
                    || !Coherent(verdict.Ingress)
                )
                {
                    return verdict.ToString();
                }

                if (
                    !VerdictText
                        .Explain(verdict)
                        .Contains(verdict.Allowed ? "allowed" : "Denying", StringComparison.Ordinal)
                )
                {
                    return VerdictText.Explain(verdict);
                }
            }

            return null;
        });

    /// <summary>S1.6: purely additive.</summary>
    [Fact]
    public void Evaluate_WithOneRuleMore_DeniesNothingMore() =>
        Cases.Check(100, static cluster =>
            Compare(
                cluster,
                static policy =>
                    policy with
                    {
                        Ingress = policy.Ingress.Append(World.Rule(null, [World.Port(80)])).ToEquatableArray(),
                        Egress = policy.Egress.Append(World.Rule([World.Pods("app=a")])).ToEquatableArray(),
                    },
                static (before, after) => !before || after
            )
        );

    /// <summary>S1.5: a policy that isolates in a direction and has no rules there is the strictest.</summary>
    [Fact]
    public void Evaluate_WithoutRules_AllowsNothingMore() =>
        Cases.Check(100, static cluster =>
            Compare(
                cluster,
                static policy => policy with { Ingress = [], Egress = [] },
                static (before, after) => before || !after
            )
        );

    private static bool Coherent(SideVerdict side) =>
        side.Reason switch
        {
            SideReason.RuleMatched => side.Allowed
                && side.Matches.Any()
                && !side.Isolating.IsEmpty
                && side.Pod is not null,
            SideReason.NoRuleMatched => !side.Allowed
                && !side.Matches.Any()
                && !side.Isolating.IsEmpty
                && side.Pod is not null,
            SideReason.NotAPod or SideReason.HostNetwork => side.Allowed && side.Isolating.IsEmpty && side.Pod is null,
            _ => side.Allowed && side.Isolating.IsEmpty && side.Pod is not null,
        };

    private static string? Compare(
        ClusterCase cluster,
        Func<NetworkPolicy, NetworkPolicy> change,
        Func<bool, bool, bool> holds
    )
    {
        var state = cluster.ToState();
        var before = new Evaluator(state);
        var after = new Evaluator(
            (cluster with { Policies = cluster.Policies.Select(change).ToEquatableArray() }).ToState()
        );
        return Sample(state, cluster)
            .Where(flow => !holds(before.IsAllowed(flow), after.IsAllowed(flow)))
            .Select(static flow => flow.ToString())
            .FirstOrDefault();
    }

    private static IEnumerable<Flow> Sample(ClusterState state, ClusterCase cluster)
    {
        var rng = new Rng(cluster.Pods.Count);
        return FlowClasses.Of(state).All().Where(_ => rng.Percent(10));
    }
}
