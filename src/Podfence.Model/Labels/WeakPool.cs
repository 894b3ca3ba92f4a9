namespace Podfence.Model;

/// <summary>
/// A pool of equal values, held weakly: buckets by hash code, swept when the count has doubled since the last sweep,
/// so that a sweep costs a constant per insertion.
/// </summary>
internal sealed class WeakPool<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, List<WeakReference<T>>> _buckets = [];
    private int _count;
    private int _sweepAt = 1024;

    /// <summary>
    /// The pooled value that equals the given one. If there is none, the result of <paramref name="prepare"/> is
    /// pooled.
    /// </summary>
    public T Intern(T value, Func<T, T> prepare)
    {
        var hash = value.GetHashCode();
        lock (_gate)
        {
            if (_buckets.TryGetValue(hash, out var bucket))
            {
                foreach (var reference in bucket)
                {
                    if (reference.TryGetTarget(out var pooled) && pooled.Equals(value))
                    {
                        return pooled;
                    }
                }
            }
        }

        var prepared = prepare(value);
        lock (_gate)
        {
            if (!_buckets.TryGetValue(hash, out var bucket))
            {
                _buckets[hash] = bucket = new List<WeakReference<T>>(1);
            }

            bucket.Add(new WeakReference<T>(prepared));
            if (++_count > _sweepAt)
            {
                Sweep();
            }
        }

        return prepared;
    }

    private void Sweep()
    {
        _count = 0;
        foreach (var (hash, bucket) in _buckets)
        {
            bucket.RemoveAll(static reference => !reference.TryGetTarget(out _));
            if (bucket.Count == 0)
            {
                _buckets.Remove(hash);
            }

            _count += bucket.Count;
        }

        _sweepAt = Math.Max(1024, _count * 2);
    }
}
