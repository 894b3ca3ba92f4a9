using Podfence.Manifests;

namespace Podfence.Kubernetes;

/// <summary>An object of a list, or the beginning of one that is too long.</summary>
internal readonly ref struct ListedItem(Cut cut, ReadOnlySpan<byte> json, long receivedAt, string path)
{
    /// <summary>Whether it is too long to be taken.</summary>
    public bool IsOversized { get; } = cut == Cut.Oversized;

    /// <summary>The object; valid until the next is asked for.</summary>
    public ReadOnlySpan<byte> Json { get; } = json;

    /// <summary>When its last bytes came.</summary>
    public long ReceivedAt { get; } = receivedAt;

    /// <summary>What was asked for, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>The failure of a list with an object that nobody can read: to go on would be to say that it is not there.</summary>
    public KubeException Broken() => new(KubeError.BadAnswer, $"GET {Path}: an object of the list is no JSON");
}

/// <summary>Takes an object of a list before more is read.</summary>
internal delegate ValueTask ListedItemTaker(ListedItem item);

/// <summary>Reads a list of any kind, page by page, from its begin to its last object.</summary>
/// <param name="client">Speaks to the server.</param>
/// <param name="maxObject">Longest object that is taken, in bytes.</param>
/// <param name="time">The clock.</param>
/// <param name="bytesRead">Hears of bytes that have come.</param>
internal sealed class ListPages(KubeClient client, int maxObject, TimeProvider time, Action<long> bytesRead)
{
    /// <summary>Reads.</summary>
    /// <param name="page">The path of a page; null asks for the first.</param>
    /// <param name="take">Takes each object.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many objects there were, and the version of the list.</returns>
    /// <exception cref="KubeException">It did not come to its end.</exception>
    public async Task<(int Count, string Version)> ReadAsync(Func<string?, string> page, ListedItemTaker take, CancellationToken cancellationToken)
    {
        var count = 0;
        string? next = null;
        string? version;
        do
        {
            var path = page(next);
            var cutter = new ListSplitter(maxObject);
            var answer = await client.OpenAsync(path, acceptGzip: true, cancellationToken).ConfigureAwait(false);
            using var reader = new FrameReader(answer, cutter, time, bytesRead, cancellationToken);
            count += await ReadPageAsync(reader, path, take).ConfigureAwait(false);
            (var stated, next) = ListMetadata.Read(cutter.Metadata);
            version = stated ?? throw new KubeException(KubeError.BadAnswer, $"GET {path}: the list states no version");
        }
        while (next is not null);

        return (count, version);
    }

    private async Task<int> ReadPageAsync(FrameReader reader, string path, ListedItemTaker take)
    {
        var count = 0;
        while (true)
        {
            var cut = reader.Next(out var frame);
            switch (cut)
            {
                case Cut.Frame or Cut.Oversized:
                    count++;
                    await take(new ListedItem(cut, frame, reader.ReceivedAt, path)).ConfigureAwait(false);
                    break;
                case Cut.Broken:
                    throw new KubeException(KubeError.BadAnswer, $"GET {path}: the answer is no list");
                default:
                    if (!await MoreAsync(reader, path).ConfigureAwait(false))
                    {
                        return cut == Cut.End ? count : throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the list broke off");
                    }

                    break;
            }
        }
    }

    private async ValueTask<bool> MoreAsync(FrameReader reader, string path)
    {
        try
        {
            return await reader.ReadAsync(client.Options.BodyTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw ReflectorContext.Silent(path);
        }
    }
}
