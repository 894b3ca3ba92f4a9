
namespace Podfence.Analysis;

/// <summary>
/// Classes of ends that neither of two clusters tells apart, with what is open in one of the clusters and not in the other. An end is one of the second cluster;
/// where the first has none like it, nothing differs.
/// </summary>
/// <param name="before">The classes of the first cluster.</param>
/// <param name="after">The classes of the second.</param>
/// <param name="counterpart">The same end in the first cluster, or null.</param>
/// <param name="opened">Whether rows are what only the second has; otherwise what only the first has.</param>
internal sealed class DiffClasses(ReachClasses before, ReachClasses after, Func<ReachEnd, ReachEnd?> counterpart, bool opened) : IEndClasses
{
    private const int Nobody = -1;
    private const int RowsKept = 64;

    private readonly Interner<(int Before, int After)> _pairs = new();
    private readonly Dictionary<(int, int), int> _known = [];
    private readonly Queue<int> _rowOrder = new();
    private readonly Dictionary<int, int[]> _rows = [];

    /// <inheritdoc/>
    public int Count => _pairs.Count;

    /// <inheritdoc/>
    public PortSetPool Ports { get; } = new();

    /// <inheritdoc/>
    public int Unjudged => PortSetPool.None;

    /// <inheritdoc/>
    public ReachClass this[int number] => after[_pairs[number].After];

    /// <inheritdoc/>
    public int Of(in ReachEnd end) => _pairs.Of((counterpart(end) is { } same ? before.Of(same) : Nobody, after.Of(end)));

    /// <inheritdoc/>
    public ReadOnlySpan<int> Row(int source)
    {
        if (!_rows.TryGetValue(source, out var row))
        {
            if (_rows.Count == RowsKept)
            {
                _rows.Remove(_rowOrder.Dequeue());
            }

            _rowOrder.Enqueue(source);
            _rows[source] = row = NewRow(_pairs[source]);
        }

        return row;
    }

    private int[] NewRow((int Before, int After) from)
    {
        var row = new int[_pairs.Count];
        if (from.Before != Nobody)
        {
            var was = before.Row(from.Before);
            var now = after.Row(from.After);
            for (var i = 0; i < row.Length; i++)
            {
                var to = _pairs[i];
                row[i] = to.Before == Nobody ? PortSetPool.None : Difference(was[to.Before], now[to.After]);
            }
        }

        return row;
    }

    private int Difference(int was, int now)
    {
        if (!_known.TryGetValue((was, now), out var difference))
        {
            var (a, b) = (before.Ports[was], after.Ports[now]);
            _known[(was, now)] = difference = Ports.IdOf(opened ? b.Except(a) : a.Except(b));
        }

        return difference;
    }
}
