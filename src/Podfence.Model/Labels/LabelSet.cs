using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Podfence.Model;

/// <summary>
/// The labels of an object, sorted by key. Immutable; two sets with the same content are equal. The strings are
/// interned through <see cref="LabelInterner"/>, so that 100,000 pods of a few workloads share a few label sets.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "the field's term")]
public sealed class LabelSet : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<LabelSet>
{
    private readonly KeyValuePair<string, string>[] _sorted;
    private readonly int _hash;

    private LabelSet(KeyValuePair<string, string>[] sorted)
    {
        _sorted = sorted;
        var hash = default(HashCode);
        foreach (var (key, value) in sorted)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>No labels.</summary>
    public static LabelSet Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _sorted.Length;

    /// <summary>The value of a key, or null where the key is absent. An empty value is not null.</summary>
    public string? this[string key]
    {
        get
        {
            // Pods have few labels: a linear scan is faster than a binary search.
            foreach (var (candidate, value) in _sorted)
            {
                if (string.Equals(candidate, key, StringComparison.Ordinal))
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>Creates a set; a key that occurs twice keeps its last value, as in a JSON object.</summary>
    public static LabelSet Create(IEnumerable<KeyValuePair<string, string>> labels)
    {
        KeyValuePair<string, string>[] sorted = [.. labels];
        if (sorted.Length == 0)
        {
            return Empty;
        }

        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i - 1].Key == sorted[i].Key)
            {
                return LabelInterner.Intern(new LabelSet(LastOfEach(labels)));
            }
        }

        return LabelInterner.Intern(new LabelSet(sorted));
    }

    private static KeyValuePair<string, string>[] LastOfEach(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in labels)
        {
            sorted[key] = value;
        }

        return [.. sorted];
    }

    /// <summary>Creates a set from pairs, for tests and literals.</summary>
    public static LabelSet Of(params ReadOnlySpan<(string Key, string Value)> labels)
    {
        var list = new List<KeyValuePair<string, string>>(labels.Length);
        foreach (var (key, value) in labels)
        {
            list.Add(new(key, value));
        }

        return Create(list);
    }

    /// <summary>The labels in key order.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> AsSpan() => _sorted;

    /// <summary>A copy with one label set or replaced.</summary>
    public LabelSet With(string key, string value) => Create([.. _sorted, new(key, value)]);

    /// <inheritdoc/>
    public bool Equals(LabelSet? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        return other is not null && other._hash == _hash && _sorted.AsSpan().SequenceEqual(other._sorted);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, string>>)_sorted).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _sorted.GetEnumerator();

    /// <summary>key=value, joined by commas, as kubectl writes them.</summary>
    public override string ToString() => string.Join(',', _sorted.Select(label => $"{label.Key}={label.Value}"));

    /// <summary>The same content with interned strings.</summary>
    internal LabelSet WithInternedStrings(Func<string, string> intern) =>
        new([.. _sorted.Select(label => new KeyValuePair<string, string>(intern(label.Key), intern(label.Value)))]);
}
