namespace Podfence.Analysis;

/// <summary>
/// Numbers sets of ports, so that a table of them is a table of small numbers and the same two sets are united or
/// intersected once.
/// </summary>
internal sealed class PortSetPool
{
    /// <summary>The number of <see cref="PortSet.None"/>.</summary>
    public const int None = 0;

    /// <summary>The number of <see cref="PortSet.All"/>.</summary>
    public const int All = 1;

    private readonly Interner<PortSet> _sets = new();
    private readonly Dictionary<(int, int), int> _unions = [];
    private readonly Dictionary<(int, int), int> _intersections = [];

    public PortSetPool()
    {
        _sets.Of(PortSet.None);
        _sets.Of(PortSet.All);
    }

    /// <summary>The set of a number.</summary>
    public PortSet this[int id] => _sets[id];

    /// <summary>The number of a set.</summary>
    public int IdOf(PortSet set) => _sets.Of(set);

    /// <summary>What is in either.</summary>
    public int Union(int a, int b) =>
        a == b || b == None || a == All ? a
        : a == None || b == All ? b
        : Memo(_unions, a, b, static (x, y) => PortSet.Union([x, y]));

    /// <summary>What is in both.</summary>
    public int Intersect(int a, int b) =>
        a == b || b == All || a == None ? a
        : a == All || b == None ? b
        : Memo(_intersections, a, b, static (x, y) => x.Intersect(y));

    private int Memo(Dictionary<(int, int), int> known, int a, int b, Func<PortSet, PortSet, PortSet> make)
    {
        var key = a < b ? (a, b) : (b, a);
        if (!known.TryGetValue(key, out var id))
        {
            known[key] = id = IdOf(make(_sets[a], _sets[b]));
        }

        return id;
    }
}
