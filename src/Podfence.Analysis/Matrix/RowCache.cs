namespace Podfence.Analysis;

/// <summary>
/// The rows of a matrix that were computed last. Rows are read in runs of the same source, and all of them would not
/// fit into memory.
/// </summary>
/// <param name="capacity">How many rows are kept; the oldest one is dropped first.</param>
internal sealed class RowCache<TKey, TRow>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TRow> _rows = [];
    private readonly Queue<TKey> _order = new();

    public TRow GetOrAdd(TKey key, Func<TKey, TRow> compute)
    {
        if (_rows.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_rows.Count == capacity)
        {
            _rows.Remove(_order.Dequeue());
        }

        var row = compute(key);
        _order.Enqueue(key);
        _rows[key] = row;
        return row;
    }
}
