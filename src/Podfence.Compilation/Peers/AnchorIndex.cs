using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// Finds the selectors that may match a pod without trying them all. Each value is indexed under one label that its
/// selector requires (its anchor), so a pod is compared only with values under its own labels and with the few that
/// require no label.
/// </summary>
/// <typeparam name="T">What the selectors belong to.</typeparam>
internal sealed class AnchorIndex<T>
    where T : notnull
{
    private static readonly HashSet<T> s_empty = [];

    private readonly Dictionary<Anchor, HashSet<T>> _buckets = [];

    public void Add(T value, IndexKeys keys)
    {
        foreach (var anchor in AnchorsOf(keys))
        {
            if (!_buckets.TryGetValue(anchor, out var bucket))
            {
                _buckets[anchor] = bucket = [];
            }

            bucket.Add(value);
        }
    }

    /// <summary>Removes a value that was added with the same keys.</summary>
    public void Remove(T value, IndexKeys keys)
    {
        foreach (var anchor in AnchorsOf(keys))
        {
            if (_buckets.TryGetValue(anchor, out var bucket) && bucket.Remove(value) && bucket.Count == 0)
            {
                _buckets.Remove(anchor);
            }
        }
    }

    /// <summary>Every value that may match a pod, each once: a superset of those that do.</summary>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="namespaceLabels">The namespace's labels; null if the namespace is not known.</param>
    /// <param name="labels">The pod's labels.</param>
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

    /// <summary>
    /// One label of the pod if the selector requires one, otherwise one of the namespace, otherwise none. If the label
    /// may have several values, the value is indexed under each.
    /// </summary>
    private static IEnumerable<Anchor> AnchorsOf(IndexKeys keys)
    {
        if (Required(keys.Pods) is { } pod)
        {
            return Anchors(keys.Namespace, false, pod);
        }

        return keys.Namespaces is not null && Required(keys.Namespaces) is { } required
            ? Anchors(null, true, required)
            : [new Anchor(keys.Namespace, false, null, null)];
    }

    private static IEnumerable<Anchor> Anchors(string? @namespace, bool onNamespace, LabelRequirement requirement) =>
        requirement.Operator == LabelOperator.Exists
            ? [new Anchor(@namespace, onNamespace, requirement.Key, null)]
            : requirement
                .Values.Distinct()
                .Select(value => new Anchor(@namespace, onNamespace, requirement.Key, value));

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
