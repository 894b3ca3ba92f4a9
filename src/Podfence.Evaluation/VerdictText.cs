using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// Verdicts in plain English: a headline, then a sentence for each side; after a denial a sentence for each rule that came near.
/// The words are those that <c>kubectl describe</c> has taught people (semantics.md S9.1).
/// </summary>
public static class VerdictText
{
    /// <summary>The whole explanation, lines joined by a line feed, without one at the end.</summary>
    public static string Explain(Verdict verdict) => string.Join('\n', Lines(verdict));

    /// <summary>The flow and the answer: <c>shop/web (10.0.0.1) -> shop/db (10.0.0.2) 6379/TCP: denied by ingress</c>.</summary>
    public static string Headline(Verdict verdict)
    {
        var answer = (verdict.Egress.Allowed, verdict.Ingress.Allowed) switch
        {
            (true, true) => "allowed",
            (false, true) => "denied by egress",
            (true, false) => "denied by ingress",
            (false, false) => "denied by egress and by ingress",
        };
        return $"{verdict.Flow}: {answer}";
    }

    /// <summary>The explanation line by line; details are indented by two spaces.</summary>
    public static IEnumerable<string> Lines(Verdict verdict)
    {
        yield return Headline(verdict);
        foreach (var line in SideLines(verdict, verdict.Egress).Concat(SideLines(verdict, verdict.Ingress)))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> SideLines(Verdict verdict, SideVerdict side)
    {
        var word = Word(side.Direction);
        var end = side.Direction == Direction.Egress ? verdict.Flow.Source : verdict.Flow.Destination;
        var other = side.Direction == Direction.Egress ? verdict.Flow.Destination : verdict.Flow.Source;
        if (end.Pod is { } asked && asked != side.Pod && side.Reason != SideReason.HostNetwork)
        {
            yield return side.Pod is { } owner
                ? $"Note: {end.Address} is not {asked}'s but {owner}'s, whose policies count."
                : $"Note: {asked} does not have {end.Address} (any more).";
        }

        var name = side.Pod?.ToString() ?? end.ToString();
        switch (side.Reason)
        {
            case SideReason.NotAPod:
                yield return $"Not affecting {word} traffic of {name}: policies fence pods only.";
                break;
            case SideReason.HostNetwork:
                yield return $"Not affecting {word} traffic of {end}: a host-network pod cannot be told from its node.";
                break;
            case SideReason.Self:
                yield return $"Allowing {word} traffic: {name} always reaches itself.";
                break;
            case SideReason.OwnNode:
                yield return side.Direction == Direction.Ingress
                    ? $"Allowing {word} traffic: {other} is the node that {name} runs on, and a node always reaches its own pods."
                    : $"Allowing {word} traffic: {other} is the node that {name} runs on, which pods may reach by configuration.";
                break;
            case SideReason.NotIsolated:
                yield return $"Not affecting {word} traffic: no policy selects {name} for {word}.";
                break;
            case SideReason.RuleMatched:
                foreach (var match in side.Matches)
                {
                    yield return $"Allowing {word} traffic: {PolicyName(match.Policy)} {MatchText(match)} ({match.Location}).";
                }

                break;
            case SideReason.NoRuleMatched:
                yield return $"Denying {word} traffic: {name} is isolated for {word} connectivity by {Join(side.Isolating)}, and no rule matches.";
                foreach (var line in side.Isolating.SelectMany(policy => Misses(policy, side)))
                {
                    yield return "  " + line;
                }

                break;
        }
    }

    private static string MatchText(RuleResult match)
    {
        var peer = match.Peer.Index is { } i ? $"{match.PeerField} means {RuleText.Peer(match.Policy, match.Rule.Peers[i])}" : $"{match.Field} is not restricted by {Role(match)}";
        var port = match.Port.Index is { } j ? $"port {RuleText.Port(match.Rule.Ports[j])}" : "all ports";
        return $"{peer}, {port}";
    }

    private static IEnumerable<string> Misses(NetworkPolicy policy, SideVerdict side)
    {
        var rules = side.Rules.Where(rule => rule.Policy.Key == policy.Key).ToList();
        if (rules.Count == 0)
        {
            yield return $"{PolicyName(policy)} has no {Word(side.Direction)} rule: selected pods are isolated for {Word(side.Direction)} connectivity ({policy.Location}).";
            yield break;
        }

        var far = 0;
        foreach (var rule in rules)
        {
            if (rule.Peer.Found)
            {
                yield return rule.Peer.Index is { } i
                    ? $"{PolicyName(policy)} {rule.PeerField} matches ({RuleText.Peer(policy, rule.Rule.Peers[i])}), but the port does not: {RuleText.Ports(rule.Rule)} ({rule.Location})."
                    : $"{PolicyName(policy)} {rule.Field} is not restricted by {Role(rule)}, but the port does not match: {RuleText.Ports(rule.Rule)} ({rule.Location}).";
            }
            else if (rule.Port.Found)
            {
                yield return $"{PolicyName(policy)} {rule.Field} matches the port, but not the {Role(rule)}: {RuleText.Peers(rule)} ({rule.Location}).";
            }
            else
            {
                far++;
            }
        }

        if (far > 0)
        {
            yield return $"{PolicyName(policy)}: {far} {(far == 1 ? "rule matches" : "rules match")} neither the {Role(rules[0])} nor the port ({policy.Location}).";
        }
    }

    private static string Join(EquatableArray<NetworkPolicy> policies)
    {
        var text = new StringBuilder();
        for (var i = 0; i < policies.Count; i++)
        {
            text.Append(i == 0 ? "" : i == policies.Count - 1 ? " and " : ", ").Append(PolicyName(policies[i]));
        }

        return text.ToString();
    }

    private static string PolicyName(NetworkPolicy policy) => policy.Key.ToString();

    private static string Word(Direction direction) => direction == Direction.Ingress ? "ingress" : "egress";

    private static string Role(RuleResult rule) => rule.Direction == Direction.Ingress ? "source" : "destination";
}
