using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>Tells all objects of one kind, page by page, from the list's begin to its last object. The end is the caller's to tell.</summary>
internal sealed class PagedList(ReflectorParts parts)
{
    /// <summary>Lists.</summary>
    /// <param name="isLimited">Whether in pages; otherwise in one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was told, and the version of the list.</returns>
    /// <exception cref="KubeException">It did not come to its end.</exception>
    public async Task<(ListReport Report, string Version)> TellAsync(bool isLimited, CancellationToken cancellationToken)
    {
        var began = parts.Time.GetTimestamp();
        var count = 0;
        string? next = null;
        string? version = null;
        await parts.Tell(parts.Teller.BeginList(began), cancellationToken).ConfigureAwait(false);
        do
        {
            var path = parts.Queries.Page(next, isLimited);
            var cutter = new ListCutter(parts.Options.MaxObject);
            using var reader = await parts.OpenAsync(path, cutter, acceptGzip: true, cancellationToken).ConfigureAwait(false);
            count += await TellPageAsync(reader, path, cancellationToken).ConfigureAwait(false);
            (var stated, next) = ListMetadata.Read(cutter.Metadata);
            version = stated ?? throw new KubeException(KubeError.BadAnswer, $"GET {path}: the list states no version");
        }
        while (next is not null);

        return (new ListReport(count, Streamed: false, parts.Time.GetElapsedTime(began)), version);
    }

    private async Task<int> TellPageAsync(FrameReader reader, string path, CancellationToken cancellationToken)
    {
        var count = 0;
        while (true)
        {
            var cut = reader.Next(out var frame);
            switch (cut)
            {
                case Cut.Frame or Cut.Oversized:
                    count++;
                    if (Read(cut, frame, reader.ReceivedAt, path) is { } told)
                    {
                        await parts.Tell(told, cancellationToken).ConfigureAwait(false);
                    }

                    break;
                case Cut.Broken:
                    throw new KubeException(KubeError.BadAnswer, $"GET {path}: the answer is no list");
                default:
                    if (!await ReadAsync(reader, path).ConfigureAwait(false))
                    {
                        return cut == Cut.End ? count : throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the list broke off");
                    }

                    break;
            }
        }
    }

    private ObjectUpserted? Read(Cut cut, ReadOnlySpan<byte> frame, long receivedAt, string path)
    {
        if (cut == Cut.Oversized)
        {
            return parts.Teller.Oversized(frame, receivedAt, out _);
        }

        // To go on after one that is broken would be to say that an object is gone that is only unreadable.
        var told = parts.Teller.Upsert(frame, receivedAt, out _, out var isBroken);
        return isBroken ? throw new KubeException(KubeError.BadAnswer, $"GET {path}: an object of the list is no JSON") : told;
    }

    private async ValueTask<bool> ReadAsync(FrameReader reader, string path)
    {
        try
        {
            return await reader.ReadAsync(parts.Client.Options.BodyTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw ReflectorParts.Silent(path);
        }
    }
}
