using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Emits all objects of one kind, page by page, from ListBegan to the last object. The caller emits ListEnded.
/// </summary>
internal sealed class PagedList(ReflectorContext context)
{
    /// <param name="isLimited">Whether in pages; otherwise all objects at once.</param>
    /// <param name="cancellationToken">Cancels the list.</param>
    /// <returns>What was emitted, and the version of the list.</returns>
    /// <exception cref="KubeException">The list is not complete.</exception>
    public async Task<(ListReport Report, string Version)> EmitAsync(
        bool isLimited,
        CancellationToken cancellationToken
    )
    {
        var began = context.Time.GetTimestamp();
        await context.Emit(context.Decoder.BeginList(began), cancellationToken).ConfigureAwait(false);
        var pages = new ListPages(context.Client, context.Options.MaxObject, context.Time, context.CountBytes);
        var (count, version) = await pages
            .ReadAsync(
                next => context.Urls.Page(next, isLimited),
                item => EmitAsync(item, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        return (new ListReport(count, Streamed: false, context.Time.GetElapsedTime(began)), version);
    }

    private ValueTask EmitAsync(ListedItem item, CancellationToken cancellationToken)
    {
        ObjectUpserted? upserted;
        if (item.IsOversized)
        {
            upserted = context.Decoder.DecodeOversized(item.Json, item.ReceivedAt, out _);
        }
        else
        {
            upserted = context.Decoder.DecodeUpsert(item.Json, item.ReceivedAt, out _, out var isInvalid);
            if (isInvalid)
            {
                throw item.Invalid();
            }
        }

        return upserted is null ? default : context.Emit(upserted, cancellationToken);
    }
}
