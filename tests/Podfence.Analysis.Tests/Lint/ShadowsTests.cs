using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

/// <summary>A rule that lint says could be left out may be left out: no verdict of the evaluator changes.</summary>
public sealed class ShadowsTests
{
    [Fact]
    public void Find_RandomClusters_RulesCanBeRemovedTogether()
    {
        var found = 0;
        Cases.Check(400, cluster =>
        {
            var whole = Cluster.Complete(new(cluster.ToState(), [], []));
            var without = Clusters.Copy(whole.State);
            var shadows = ShadowedRule.All(new LintContext(whole)).ToList();
            foreach (var policy in shadows.GroupBy(static shadow => shadow.Rule.Policy))
            {
                without.Upsert(Without(policy.Key, [.. policy.Select(static shadow => shadow.Rule)]));
            }

            Interlocked.Add(ref found, shadows.Count);
            return Difference(
                whole,
                without,
                string.Join(" and ", shadows.Select(static shadow => $"{shadow.Rule.Policy.Key} {shadow.Rule.Field}"))
            );
        });

        // The claim would be an easy one if nothing were ever found.
        Assert.True(found > 400, $"{found} rules found");
    }

    [Fact]
    public void Find_RandomClusters_EachRuleCanBeRemovedAlone() =>
        Cases.Check(
            60,
            static cluster =>
            {
                var whole = Cluster.Complete(new(cluster.ToState(), [], []));
                foreach (var shadow in ShadowedRule.All(new LintContext(whole)).ToList())
                {
                    var without = Clusters.Copy(whole.State);
                    without.Upsert(Without(shadow.Rule.Policy, [shadow.Rule]));
                    if (Difference(whole, without, shadow) is { } difference)
                    {
                        return difference;
                    }
                }

                return null;
            },
            firstSeed: 10_000
        );

    [Fact]
    public void Redundant_RandomClusters_ItemsCanBeRemoved() =>
        Cases.Check(
            150,
            static cluster =>
            {
                var whole = Cluster.Complete(new(cluster.ToState(), [], []));
                foreach (
                    var finding in Linter
                        .Run(
                            whole,
                            new LintOptions { Rules = [LintRules.Find("redundant-item")!] },
                            CancellationToken.None
                        )
                        .Findings
                )
                {
                    var without = Clusters.Copy(whole.State);
                    var policy = without.FindPolicy(new(finding.Subject.Namespace!, finding.Subject.Name))!;
                    without.Upsert(WithoutItem(policy, finding.Field!));
                    if (Difference(whole, without, finding) is { } difference)
                    {
                        return difference;
                    }
                }

                return null;
            },
            firstSeed: 20_000
        );

    private static NetworkPolicy Without(NetworkPolicy policy, IReadOnlyList<RuleAt> rules)
    {
        EquatableArray<PolicyRule> Rest(Direction direction, EquatableArray<PolicyRule> all) =>
            all.Where((_, index) => !rules.Any(rule => rule.Direction == direction && rule.Index == index))
                .ToEquatableArray();

        return policy with
        {
            Ingress = Rest(Direction.Ingress, policy.Ingress),
            Egress = Rest(Direction.Egress, policy.Egress),
        };
    }

    // Fields are spec.ingress[0].from[1] or spec.egress[0].ports[1].
    private static NetworkPolicy WithoutItem(NetworkPolicy policy, string field)
    {
        var parts = field.Split('.', '[', ']');
        var (rule, list, item) = (int.Parse(parts[2], null), parts[4], int.Parse(parts[5], null));
        PolicyRule Change(PolicyRule whole) =>
            list == "ports"
                ? whole with
                {
                    Ports = whole.Ports.Where((_, index) => index != item).ToEquatableArray(),
                }
                : whole with
                {
                    Peers = whole.Peers.Where((_, index) => index != item).ToEquatableArray(),
                };
        EquatableArray<PolicyRule> Changed(EquatableArray<PolicyRule> all) =>
            all.Select((whole, index) => index == rule ? Change(whole) : whole).ToEquatableArray();
        return parts[1] == "ingress"
            ? policy with
            {
                Ingress = Changed(policy.Ingress),
            }
            : policy with
            {
                Egress = Changed(policy.Egress),
            };
    }

    private static string? Difference(Cluster whole, ClusterState without, object what)
    {
        var evaluator = new Evaluator(without);
        return FlowClasses
            .Of(whole.State)
            .All()
            .Where(flow => whole.Evaluator.IsAllowed(flow) != evaluator.IsAllowed(flow))
            .Select(flow => $"{flow} is judged otherwise without {what}")
            .FirstOrDefault();
    }
}
