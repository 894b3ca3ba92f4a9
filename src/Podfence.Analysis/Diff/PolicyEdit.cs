using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>What was done to a policy.</summary>
public enum EditKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It says something else.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,
}

/// <summary>A policy that differs.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Kind">What was done to it.</param>
/// <param name="Location">Where it stands; of one that is gone, where it stood.</param>
public sealed record PolicyEdit(PolicyKey Policy, EditKind Kind, SourceLocation Location)
{
    /// <summary>The policies that differ in more than where they stand, by name.</summary>
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

        edits.AddRange(before.Policies.Where(policy => after.FindPolicy(policy.Key) is null).Select(static policy => new PolicyEdit(policy.Key, EditKind.Removed, policy.Location)));
        return [.. edits.OrderBy(static edit => edit.Policy)];
    }

    // What a policy says, without the lines that it says it in.
    private static string Text(NetworkPolicy policy) => ManifestWriter.ToJson(ClusterObject.Of(policy));
}
