namespace Podfence.Kubernetes;

/// <summary>Tells all objects of one kind, page by page, from the list's begin to its last object. The end is the caller's to tell.</summary>
internal sealed class PagedList(ReflectorContext parts)
{
    /// <summary>Lists.</summary>
    /// <param name="isLimited">Whether in pages; otherwise in one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was told, and the version of the list.</returns>
    /// <exception cref="KubeException">It did not come to its end.</exception>
    public async Task<(ListReport Report, string Version)> TellAsync(bool isLimited, CancellationToken cancellationToken)
    {
        var began = parts.Time.GetTimestamp();
        await parts.Tell(parts.Teller.BeginList(began), cancellationToken).ConfigureAwait(false);
        var pages = new ListPages(parts.Client, parts.Options.MaxObject, parts.Time, bytes => parts.Listener.BytesRead(parts.Kind.Name, bytes));
        var (count, version) = await pages.ReadAsync(next => parts.Queries.Page(next, isLimited), item => TellAsync(item, cancellationToken), cancellationToken).ConfigureAwait(false);
        return (new ListReport(count, Streamed: false, parts.Time.GetElapsedTime(began)), version);
    }

    private ValueTask TellAsync(ListedItem item, CancellationToken cancellationToken)
    {
        if (item.IsOversized)
        {
            return parts.Teller.Oversized(item.Json, item.ReceivedAt, out _) is { } closed ? parts.Tell(closed, cancellationToken) : default;
        }

        var told = parts.Teller.Upsert(item.Json, item.ReceivedAt, out _, out var isBroken);
        return isBroken ? throw item.Broken() : told is null ? default : parts.Tell(told, cancellationToken);
    }
}
