using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>How a policy changed.</summary>
public enum EditKind
{
    /// <summary>Added.</summary>
    Added,

    /// <summary>Changed.</summary>
    Changed,

    /// <summary>Removed.</summary>
    Removed,
}

/// <summary>A policy that differs.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Kind">How it changed.</param>
/// <param name="Location">Its location; of a removed policy the previous one.</param>
public sealed record PolicyEdit(PolicyKey Policy, EditKind Kind, SourceLocation Location)
{
    /// <summary>The policies that differ in more than their location, by name.</summary>
    public static IReadOnlyList<PolicyEdit> Between(ClusterState before, ClusterState after)
    {
        var edits = new List<PolicyEdit>();
        foreach (var policy in after.Policies)
        {
            var was = before.FindPolicy(policy.Key);
            if (was is null || Text(was) != Text(policy))
            {
                edits.Add(new(policy.Key, was is null ? EditKind.Added : EditKind.Changed, policy.Location));
            }
        }

        edits.AddRange(
            before
                .Policies.Where(policy => after.FindPolicy(policy.Key) is null)
                .Select(static policy => new PolicyEdit(policy.Key, EditKind.Removed, policy.Location))
        );
        return [.. edits.OrderBy(static edit => edit.Policy)];
    }

    // The policy without locations.
    private static string Text(NetworkPolicy policy) => ManifestWriter.ToJson(ClusterObject.Of(policy));
}
