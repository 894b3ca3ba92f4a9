namespace Podfence.Base;

/// <summary>Lists that are cut where they get long.</summary>
public static class ListText
{
    /// <summary><c>a, b, c and 5 more</c>: the first items, and the number of the others.</summary>
    /// <param name="items">The items.</param>
    /// <param name="max">How many of them are written.</param>
    /// <param name="separator">What is between items.</param>
    /// <param name="last">What is before the number.</param>
    public static string Join(IEnumerable<string> items, int max, string separator = ", ", string last = " and ")
    {
        var all = items.ToList();
        return all.Count <= max
            ? string.Join(separator, all)
            : $"{string.Join(separator, all.Take(max))}{last}{all.Count - max} more";
    }
}
