using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A change that may open one side, and its distance from the existing text.</summary>
internal readonly record struct FixCandidate(int Distance, int SelectedPods, PolicyChange Change);

/// <summary>
/// Lists changes to the policies of a side that denies. Near are changes that keep most of the text and open little
/// else: a direction that was forgotten in policyTypes, then an item in a list of a rule of which the other list
/// matches, then a rule of its own.
/// </summary>
internal sealed class FixCandidates(Cluster cluster, Verdict verdict, SideVerdict side)
{
    private const int ForgottenType = 0;
    private const int SameSelector = 1;
    private const int OneItem = 2;
    private const int OneRule = 3;
    private const int OneWideItem = 4;

    private readonly FlowEndpoint _peer =
        side.Direction == Direction.Ingress ? verdict.Flow.Source : verdict.Flow.Destination;
    private readonly Pod _subject = cluster.State.FindPod(side.Pod!.Value)!;
    private readonly string _rules = side.Direction == Direction.Ingress ? "spec.ingress" : "spec.egress";
    private readonly string _peers = side.Direction == Direction.Ingress ? "from" : "to";

    /// <summary>All of them, the nearest first.</summary>
    public IEnumerable<PolicyChange> All()
    {
        var found = ForgottenTypes().Concat(side.Rules.SelectMany(OfRule)).Concat(side.Isolating.Select(NewRule));
        return found
            .OrderBy(static item => item.Distance)
            .ThenBy(static item => item.SelectedPods)
            .ThenBy(static item => item.Change.Policy.Key)
            .ThenBy(static item => item.Change.Field, StringComparer.Ordinal)
            .Select(static item => item.Change);
    }

    // Only if it isolates no further pod.
    private IEnumerable<FixCandidate> ForgottenTypes() =>
        from policy in cluster.State.PoliciesIn(_subject.Key.Namespace)
        where !policy.Isolates(side.Direction) && policy.PodSelector.SelectsSubject(_subject.Labels)
        where !(side.Direction == Direction.Ingress ? policy.Ingress : policy.Egress).IsEmpty
        where
            Selected(policy)
                .All(pod =>
                    cluster
                        .State.PoliciesIn(pod.Key.Namespace)
                        .Any(other => other.Isolates(side.Direction) && other.PodSelector.SelectsSubject(pod.Labels))
                )
        let after = side.Direction == Direction.Ingress
            ? policy with
            {
                IsolatesIngress = true,
            }
            : policy with
            {
                IsolatesEgress = true,
            }
        select Candidate(
            ForgottenType,
            policy,
            "spec.policyTypes",
            0,
            side.Direction.ToString(),
            after,
            "what the policy's other rules for this direction allow, which have no effect now"
        );

    private IEnumerable<FixCandidate> OfRule(RuleResult finding)
    {
        var (policy, rule) = (finding.Policy, finding.Rule);
        if (finding.Peer.Found && !finding.Port.Found && Port() is { } port)
        {
            var distance = rule.Peers.IsEmpty ? OneWideItem : OneItem;
            var opens = rule.Peers.IsEmpty
                ? "the port to every peer"
                : $"the port to every peer that {finding.Field}.{_peers} matches";
            var after = Replace(policy, finding.RuleIndex, rule with { Ports = [.. rule.Ports, port] });
            yield return Candidate(
                distance,
                policy,
                $"{finding.Field}.ports",
                rule.Line,
                YamlText.Port(port),
                after,
                opens
            );
        }
        else if (finding.Port.Found && !finding.Peer.Found)
        {
            foreach (var (near, peer, text, others) in Peers(policy, rule))
            {
                var distance =
                    rule.Ports.IsEmpty ? OneWideItem
                    : near ? SameSelector
                    : OneItem;
                var opens = Join(
                    rule.Ports.IsEmpty ? "every port"
                        : IsOnePort(rule) ? null
                        : $"every port of {finding.Field}",
                    others
                );
                yield return Candidate(
                    distance,
                    policy,
                    $"{finding.Field}.{_peers}",
                    rule.Line,
                    text,
                    Replace(policy, finding.RuleIndex, rule with { Peers = [.. rule.Peers, peer] }),
                    opens
                );
            }
        }
    }

    /// <summary>A selector of the rule with the right namespace, and the narrowest peer.</summary>
    private IEnumerable<(bool Near, PolicyPeer Peer, string Text, string? Others)> Peers(
        NetworkPolicy policy,
        PolicyRule rule
    )
    {
        if (cluster.State.OwnerOf(_peer.Address) is { } pod)
        {
            foreach (
                var pods in rule
                    .Peers.OfType<SelectorPeer>()
                    .Select(static peer => peer.Pods)
                    .OfType<LabelSelector>()
                    .Where(pods => !pods.Requirements.IsEmpty && pods.Matches(pod.Labels))
            )
            {
                var same = PeerSuggestion.InNamespaceOf(pod, policy, pods);
                yield return (true, same, YamlText.Peer(same), PeerSuggestion.Others(cluster.State, pod, pods));
            }
        }

        var (peer, text, others) = PeerSuggestion.Find(cluster, _peer, policy);
        yield return (false, peer, text, others);
    }

    private FixCandidate NewRule(NetworkPolicy policy)
    {
        var (peer, text, others) = PeerSuggestion.Find(cluster, _peer, policy);
        var rule = new PolicyRule([peer], Port() is { } port ? [port] : default);
        var shown =
            cluster.State.OwnerOf(_peer.Address) is null && cluster.IsPlaceholder(_peer.Address)
                ? $"{{{_peers}: [{text.Split(", with")[0]}], ports: [{YamlText.Port(rule.Ports[0])}]}}, "
                    + $"with{text.Split(", with")[1]}"
                : YamlText.Rule(side.Direction, rule);
        var after =
            side.Direction == Direction.Ingress
                ? policy with
                {
                    Ingress = [.. policy.Ingress, rule],
                }
                : policy with
                {
                    Egress = [.. policy.Egress, rule],
                };
        return Candidate(
            OneRule,
            policy,
            _rules,
            policy.RulesFor(side.Direction) is { IsEmpty: false } rules ? rules[0].Line : 0,
            shown,
            after,
            others
        );
    }

    private PolicyPort? Port() =>
        verdict.Flow.Protocol is { } protocol ? new(protocol, verdict.Flow.Port, verdict.Flow.Port) : null;

    private NetworkPolicy Replace(NetworkPolicy policy, int index, PolicyRule rule)
    {
        var rules = policy.RulesFor(side.Direction).ToArray();
        rules[index] = rule;
        return side.Direction == Direction.Ingress
            ? policy with
            {
                Ingress = [.. rules],
            }
            : policy with
            {
                Egress = [.. rules],
            };
    }

    private FixCandidate Candidate(
        int distance,
        NetworkPolicy policy,
        string field,
        int line,
        string item,
        NetworkPolicy after,
        string? opens
    ) => new(distance, Selected(policy).Count(), new(policy, side.Direction, field, line, item, after, opens));

    private IEnumerable<Pod> Selected(NetworkPolicy policy) =>
        cluster
            .State.PodsIn(policy.Key.Namespace)
            .Where(pod => pod.IsEndpoint && policy.PodSelector.SelectsSubject(pod.Labels));

    private static bool IsOnePort(PolicyRule rule) =>
        rule.Ports is [{ Name: not null }]
        || (rule.Ports is [{ First: { } first } port] && (port.Last ?? first) == first);

    private static string? Join(string? a, string? b) =>
        a is null ? b
        : b is null ? a
        : $"{a}; {b}";
}
