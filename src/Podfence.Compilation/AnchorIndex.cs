using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// Finds the selectors that may match an object without trying them all: each is filed under one label that it requires (its anchor), so that an object
/// is held only against those filed under its own labels and the few that require none.
/// </summary>
/// <typeparam name="T">What the selectors belong to.</typeparam>
internal sealed class AnchorIndex<T>
    where T : notnull
{
    private readonly Dictionary<Anchor, HashSet<T>> _buckets = [];

    /// <summary>Files a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="namespace">The one namespace that can match, or null for any.</param>
    /// <param name="namespaces">Requirements on the namespace's labels, or null.</param>
    /// <param name="pods">Requirements on the object's labels.</param>
    public void Add(T value, string? @namespace, LabelSelector? namespaces, LabelSelector pods)
    {
        foreach (var anchor in AnchorsOf(@namespace, namespaces, pods))
        {
            if (!_buckets.TryGetValue(anchor, out var bucket))
            {
                _buckets[anchor] = bucket = [];
            }

            bucket.Add(value);
        }
    }

    /// <summary>Takes a value out that was filed with the same selectors.</summary>
    public void Remove(T value, string? @namespace, LabelSelector? namespaces, LabelSelector pods)
    {
        foreach (var anchor in AnchorsOf(@namespace, namespaces, pods))
        {
            if (_buckets.TryGetValue(anchor, out var bucket) && bucket.Remove(value) && bucket.Count == 0)
            {
                _buckets.Remove(anchor);
            }
        }
    }

    /// <summary>Every value that may match an object, each once: a superset of those that do.</summary>
    /// <param name="namespace">The object's namespace.</param>
    /// <param name="namespaceLabels">Its namespace's labels, or null where the namespace is not known.</param>
    /// <param name="labels">The object's labels.</param>
    public IEnumerable<T> Candidates(string @namespace, LabelSet? namespaceLabels, LabelSet labels)
    {
        foreach (var scope in new[] { @namespace, null })
        {
            foreach (var value in Bucket(new Anchor(scope, false, null, null)))
            {
                yield return value;
            }

            foreach (var (key, labelValue) in labels)
            {
                foreach (var value in Bucket(new Anchor(scope, false, key, labelValue)))
                {
                    yield return value;
                }

                foreach (var value in Bucket(new Anchor(scope, false, key, null)))
                {
                    yield return value;
                }
            }
        }

        foreach (var (key, labelValue) in namespaceLabels ?? LabelSet.Empty)
        {
            foreach (var value in Bucket(new Anchor(null, true, key, labelValue)))
            {
                yield return value;
            }

            foreach (var value in Bucket(new Anchor(null, true, key, null)))
            {
                yield return value;
            }
        }
    }

    private HashSet<T> Bucket(Anchor anchor) => _buckets.GetValueOrDefault(anchor) ?? s_empty;

    private static readonly HashSet<T> s_empty = [];

    /// <summary>One label of the pod if the selector requires one, else one of the namespace, else none: the value is filed under all values that would do.</summary>
    private static IEnumerable<Anchor> AnchorsOf(string? @namespace, LabelSelector? namespaces, LabelSelector pods)
    {
        if (Required(pods) is { } pod)
        {
            return Anchors(@namespace, false, pod);
        }

        return namespaces is not null && Required(namespaces) is { } required ? Anchors(null, true, required) : [new Anchor(@namespace, false, null, null)];
    }

    private static IEnumerable<Anchor> Anchors(string? @namespace, bool onNamespace, LabelRequirement requirement) =>
        requirement.Operator == LabelOperator.Exists
            ? [new Anchor(@namespace, onNamespace, requirement.Key, null)]
            : requirement.Values.Distinct().Select(value => new Anchor(@namespace, onNamespace, requirement.Key, value));

    private static LabelRequirement? Required(LabelSelector selector)
    {
        LabelRequirement? exists = null;
        foreach (var requirement in selector.Unreadable ? default : selector.Requirements)
        {
            if (requirement.Operator == LabelOperator.In)
            {
                return requirement;
            }

            exists ??= requirement.Operator == LabelOperator.Exists ? requirement : null;
        }

        return exists;
    }

    private readonly record struct Anchor(string? Namespace, bool OnNamespace, string? Key, string? Value);
}
