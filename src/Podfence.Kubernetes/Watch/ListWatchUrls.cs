using System.Globalization;

namespace Podfence.Kubernetes;

/// <summary>The requests of a reflector.</summary>
/// <remarks>https://kubernetes.io/docs/reference/using-api/api-concepts/</remarks>
internal sealed class ListWatchUrls(WatchedKind kind, ReflectorOptions options, Random random)
{
    /// <summary>A page of a list, as new as the store; limited unless pages were compacted away before they could be read.</summary>
    public string Page(string? next, bool isLimited)
    {
        var limit = isLimited ? $"limit={options.PageSize}" : "limit=0";
        return next is null ? $"{kind.Path}?{limit}" : $"{kind.Path}?{limit}&continue={Uri.EscapeDataString(next)}";
    }

    /// <summary>A watch from a version on.</summary>
    public string Watch(string version, out TimeSpan length) =>
        $"{kind.Path}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(version)}&timeoutSeconds={Seconds(out length)}";

    /// <summary>A list as a stream, which becomes a watch.</summary>
    public string StreamedList(out TimeSpan length) =>
        $"{kind.Path}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds={Seconds(out length)}";

    /// <summary>Asks for next to nothing, of a server that is at least at this version: it refuses where it was restored to an older one.</summary>
    public string Probe(string version) => $"{kind.Path}?limit=1&resourceVersion={Uri.EscapeDataString(version)}&resourceVersionMatch=NotOlderThan";

    private string Seconds(out TimeSpan length)
    {
        length = TimeSpan.FromSeconds(Math.Ceiling(options.WatchTime.TotalSeconds * (1 + random.NextDouble())));
        return length.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
    }
}
