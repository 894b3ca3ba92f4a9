namespace Podfence.Analysis;

/// <summary>
/// Classes of endpoints that are equal to the policies of both clusters, with what is open in one cluster and not in
/// the other. Endpoints are those of the second cluster;
/// if the first has no counterpart, nothing differs.
/// </summary>
/// <param name="before">The classes of the first cluster.</param>
/// <param name="after">The classes of the second.</param>
/// <param name="counterpart">The same endpoint in the first cluster, or null.</param>
/// <param name="opened">Whether rows are what only the second has; otherwise what only the first has.</param>
internal sealed class DiffClasses(
    ReachClasses before,
    ReachClasses after,
    Func<ReachEndpoint, ReachEndpoint?> counterpart,
    bool opened
) : IEndpointClasses
{
    private const int Missing = -1;
    private const int MaxRows = 64;

    private readonly Interner<(int Before, int After)> _pairs = new();
    private readonly Dictionary<(int, int), int> _known = [];
    private readonly RowCache<int, int[]> _rows = new(MaxRows);

    /// <inheritdoc/>
    public int Count => _pairs.Count;

    /// <inheritdoc/>
    public PortSetPool Ports { get; } = new();

    /// <inheritdoc/>
    public int Exempt => PortSetPool.None;

    /// <inheritdoc/>
    public ReachClass this[int number] => after[_pairs[number].After];

    /// <inheritdoc/>
    public int Of(in ReachEndpoint end) =>
        _pairs.Of((counterpart(end) is { } same ? before.Of(same) : Missing, after.Of(end)));

    /// <inheritdoc/>
    public ReadOnlySpan<int> Row(int source) => _rows.GetOrAdd(source, key => NewRow(_pairs[key]));

    private int[] NewRow((int Before, int After) from)
    {
        var row = new int[_pairs.Count];
        if (from.Before != Missing)
        {
            var was = before.Row(from.Before);
            var now = after.Row(from.After);
            for (var i = 0; i < row.Length; i++)
            {
                var to = _pairs[i];
                row[i] = to.Before == Missing ? PortSetPool.None : Difference(was[to.Before], now[to.After]);
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
