using System.Globalization;

namespace Podfence.Kubernetes;

/// <summary>The requests of a reflector.</summary>
/// <remarks>https://kubernetes.io/docs/reference/using-api/api-concepts/</remarks>
internal sealed class ListWatchUrls(WatchedKind kind, ReflectorOptions options, Random random)
{
    /// <summary>
    /// A page of a list, as new as the store; without a limit if pages were compacted before they could be read.
    /// </summary>
    public string Page(string? next, bool isLimited) => Page(kind.Path, next, isLimited ? options.PageSize : 0);

    /// <summary>A page of the list at a path.</summary>
    /// <param name="path">The collection's path.</param>
    /// <param name="next">The continue token; null for the first page.</param>
    /// <param name="limit">Objects per page; 0 for all.</param>
    public static string Page(string path, string? next, int limit)
    {
        var first = string.Create(CultureInfo.InvariantCulture, $"{path}?limit={limit}");
        return next is null ? first : $"{first}&continue={Uri.EscapeDataString(next)}";
    }

    /// <summary>A watch from a version on.</summary>
    public string Watch(string version, out TimeSpan length)
    {
        var since = Uri.EscapeDataString(version);
        return $"{kind.Path}?watch=true&allowWatchBookmarks=true&resourceVersion={since}&{Timeout(out length)}";
    }

    /// <summary>A list as a stream, which becomes a watch.</summary>
    public string StreamedList(out TimeSpan length) =>
        $"{kind.Path}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
        + $"&resourceVersionMatch=NotOlderThan&{Timeout(out length)}";

    /// <summary>
    /// A list of one object, from a server that has reached this version: a server that was restored to an older state
    /// rejects it.
    /// </summary>
    public string Probe(string version) =>
        $"{kind.Path}?limit=1&resourceVersion={Uri.EscapeDataString(version)}&resourceVersionMatch=NotOlderThan";

    private string Timeout(out TimeSpan length)
    {
        length = TimeSpan.FromSeconds(Math.Ceiling(options.WatchTime.TotalSeconds * (1 + random.NextDouble())));
        return string.Create(CultureInfo.InvariantCulture, $"timeoutSeconds={length.TotalSeconds:0}");
    }
}
