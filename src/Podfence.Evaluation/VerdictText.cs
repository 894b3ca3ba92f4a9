using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation;

/// <summary>
/// Verdicts in plain English: a headline, then a sentence for each side; after a denial, a sentence for each rule that
/// matched in part. The wording is that of <c>kubectl describe</c> (semantics.md S9.1).
/// </summary>
public static class VerdictText
{
    /// <summary>The whole explanation, lines joined by a line feed, without one at the end.</summary>
    public static string Explain(Verdict verdict) => string.Join('\n', Lines(verdict));

    /// <summary>
    /// The flow and the verdict: <c>shop/web (10.0.0.1) -> shop/db (10.0.0.2) 6379/TCP: denied by ingress</c>.
    /// </summary>
    public static string Headline(Verdict verdict)
    {
        var verdictText = (verdict.Egress.Allowed, verdict.Ingress.Allowed) switch
        {
            (true, true) => "allowed",
            (false, true) => "denied by egress",
            (true, false) => "denied by ingress",
            (false, false) => "denied by egress and by ingress",
        };
        return $"{verdict.Flow}: {verdictText}";
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
        var direction = Word(side.Direction);
        var isEgress = side.Direction == Direction.Egress;
        var (own, other) = isEgress
            ? (verdict.Flow.Source, verdict.Flow.Destination)
            : (verdict.Flow.Destination, verdict.Flow.Source);
        if (own.Pod is { } expected && expected != side.Pod && side.Reason != SideReason.HostNetwork)
        {
            yield return side.Pod is { } owner
                ? $"Note: {own.Address} belongs to {owner}, not to {expected}; the policies of {owner} apply."
                : $"Note: {own.Address} is not, or no longer, an address of {expected}.";
        }

        var name = side.Pod?.ToString() ?? own.ToString();
        switch (side.Reason)
        {
            case SideReason.NotAPod:
                yield return $"Not affecting {direction} traffic of {name}: policies apply to pods only.";
                break;
            case SideReason.HostNetwork:
                yield return $"Not affecting {direction} traffic of {own}: "
                    + "a host-network pod shares its node's addresses.";
                break;
            case SideReason.Self:
                yield return $"Allowing {direction} traffic: {name} always reaches itself.";
                break;
            case SideReason.OwnNode:
                var why = isEgress
                    ? "pod-to-node traffic is allowed by configuration"
                    : "a node always reaches its own pods";
                yield return $"Allowing {direction} traffic: {other} is the node that {name} runs on, and {why}.";
                break;
            case SideReason.NotIsolated:
                yield return $"Not affecting {direction} traffic: no policy selects {name} for {direction}.";
                break;
            case SideReason.RuleMatched:
                foreach (var match in side.Matches)
                {
                    var what = $"{match.Policy.Key} {MatchText(match)}";
                    yield return $"Allowing {direction} traffic: {what} ({match.Location}).";
                }

                break;
            case SideReason.NoRuleMatched:
                var isolated = $"{name} is isolated for {direction} connectivity by {Join(side.Isolating)}";
                yield return $"Denying {direction} traffic: {isolated}, and no rule matches.";
                foreach (var line in side.Isolating.SelectMany(policy => Misses(policy, side)))
                {
                    yield return "  " + line;
                }

                break;
        }
    }

    private static string MatchText(RuleResult match)
    {
        var peer = match.Peer.Index is { } i
            ? $"{match.PeerField} matches {RuleText.Peer(match.Policy, match.Rule.Peers[i])}"
            : $"{match.Field} is not restricted by {Role(match)}";
        var port = match.Port.Index is { } j ? $"port {RuleText.Port(match.Rule.Ports[j])}" : "all ports";
        return $"{peer}, {port}";
    }

    private static IEnumerable<string> Misses(NetworkPolicy policy, SideVerdict side)
    {
        var rules = side.Rules.Where(rule => rule.Policy.Key == policy.Key).ToList();
        if (rules.Count == 0)
        {
            var direction = Word(side.Direction);
            var consequence = $"selected pods are isolated for {direction} connectivity";
            yield return $"{policy.Key} has no {direction} rule: {consequence} ({policy.Location}).";
            yield break;
        }

        foreach (var rule in rules.Where(static rule => rule.Peer.Found || rule.Port.Found))
        {
            yield return $"{policy.Key} {PartialMatch(policy, rule)} ({rule.Location}).";
        }

        var others = rules.Count(static rule => !rule.Peer.Found && !rule.Port.Found);
        if (others > 0)
        {
            var match = others == 1 ? "rule matches" : "rules match";
            var role = Role(rules[0]);
            yield return $"{policy.Key}: {others} {match} neither the {role} nor the port ({policy.Location}).";
        }
    }

    /// <summary>A rule of which only the peer or only the port matches.</summary>
    private static string PartialMatch(NetworkPolicy policy, RuleResult rule)
    {
        if (!rule.Peer.Found)
        {
            return $"{rule.Field} matches the port, but not the {Role(rule)}: {RuleText.Peers(rule)}";
        }

        var ports = RuleText.Ports(rule.Rule);
        return rule.Peer.Index is { } i
            ? $"{rule.PeerField} matches ({RuleText.Peer(policy, rule.Rule.Peers[i])}), but the port does not: {ports}"
            : $"{rule.Field} is not restricted by {Role(rule)}, but the port does not match: {ports}";
    }

    private static string Join(EquatableArray<NetworkPolicy> policies)
    {
        var text = new StringBuilder();
        for (var i = 0; i < policies.Count; i++)
        {
            text.Append(
                    i == 0 ? ""
                    : i == policies.Count - 1 ? " and "
                    : ", "
                )
                .Append(policies[i].Key.ToString());
        }

        return text.ToString();
    }

    private static string Word(Direction direction) => direction == Direction.Ingress ? "ingress" : "egress";

    private static string Role(RuleResult rule) => rule.Direction == Direction.Ingress ? "source" : "destination";
}
