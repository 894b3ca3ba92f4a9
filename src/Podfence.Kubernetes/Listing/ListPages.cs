namespace Podfence.Kubernetes;

/// <summary>Reads a list of any kind, page by page.</summary>
internal sealed class ListPages(KubeClient client, int maxObject, TimeProvider time, Action<long> bytesRead)
{
    /// <param name="page">The path of a page by its continue token; null asks for the first.</param>
    /// <param name="handle">Takes each object.</param>
    /// <param name="cancellationToken">Cancels the list.</param>
    /// <returns>The number of objects, and the version of the list.</returns>
    /// <exception cref="KubeException">The list is not complete.</exception>
    public async Task<(int Count, string Version)> ReadAsync(
        Func<string?, string> page,
        ListedItemHandler handle,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        string? next = null;
        string? version;
        do
        {
            var path = page(next);
            var splitter = new ListSplitter(maxObject);
            var response = await client.OpenAsync(path, acceptGzip: true, cancellationToken).ConfigureAwait(false);
            using var reader = new FrameReader(response, time, bytesRead, cancellationToken);
            count += await ReadPageAsync(reader, splitter, path, handle).ConfigureAwait(false);
            var metadata = ListMetadata.Read(splitter.Metadata);
            next = metadata.Continue;
            version = metadata.Version
                ?? throw new KubeException(KubeError.InvalidResponse, $"GET {path}: the list has no resourceVersion");
        } while (next is not null);

        return (count, version);
    }

    private async Task<int> ReadPageAsync(
        FrameReader reader,
        ListSplitter splitter,
        string path,
        ListedItemHandler handle
    )
    {
        var count = 0;
        while (true)
        {
            var status = splitter.Next(reader.Window, out var frame);
            switch (status)
            {
                case FrameStatus.Frame or FrameStatus.Oversized:
                    count++;
                    await handle(new ListedItem(status, frame, reader.ReceivedAt, path)).ConfigureAwait(false);
                    break;
                case FrameStatus.Invalid:
                    throw new KubeException(KubeError.InvalidResponse, $"GET {path}: the response is not a list");
                default:
                    if (!await ReadMoreAsync(reader, path).ConfigureAwait(false))
                    {
                        return status == FrameStatus.End
                            ? count
                            : throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the list is truncated");
                    }

                    break;
            }
        }
    }

    private async ValueTask<bool> ReadMoreAsync(FrameReader reader, string path)
    {
        try
        {
            return await reader.ReadAsync(client.Options.BodyTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw KubeException.Silent(path);
        }
    }
}
