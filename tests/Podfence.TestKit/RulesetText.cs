using System.Text;
using Podfence.Compilation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>A ruleset as bytes: two rulesets are the same exactly when their texts are.</summary>
public static class RulesetText
{
    public static string Of(Ruleset ruleset)
    {
        var text = new StringBuilder().AppendLine(ruleset.Options.ToString());
        foreach (var (set, elements) in ruleset.Sets.OrderBy(static set => set.Key.Name, StringComparer.Ordinal))
        {
            text.AppendLine(
                $"set {set.Name} {set.Kind} {set.Family} ({set.Description}): {string.Join(' ', elements.Order())}"
            );
        }

        foreach (var fence in ruleset.Fences.Values.OrderBy(static fence => fence.Name, StringComparer.Ordinal))
        {
            text.AppendLine($"fence {fence.Name} {fence.Direction} {fence.Family}: {string.Join(' ', fence.Policies)}");
            foreach (var rule in fence.Rules)
            {
                text.AppendLine($"  {Of(rule)}");
            }

            foreach (var branch in fence.Branches)
            {
                text.AppendLine($"  {branch.Ports}: {string.Join("; ", branch.Rules.Select(Of))}");
            }
        }

        foreach (var (address, endpoint) in ruleset.Endpoints.OrderBy(static endpoint => endpoint.Key))
        {
            text.AppendLine($"endpoint {address}: {endpoint}");
        }

        text.AppendLine(
            $"ranges {string.Join(' ', ruleset.PodRanges)}; known {string.Join(' ', ruleset.KnownPodIps.Order())}"
        );
        return text.ToString();
    }

    private static string Of(AllowRule rule) =>
        $"{rule.Peer?.Name ?? "any"} {rule.Ports} {string.Join(' ', rule.Policies)}";
}
