using Podfence.Manifests;


namespace Podfence.Kubernetes;

/// <summary>How a <see cref="ClusterLister"/> asks.</summary>
public sealed record ClusterListOptions
{
    /// <summary>Objects in a page. 500 by default; at least 1.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Longest object that is taken, in bytes. 8 MiB by default; a store takes 1.5 MiB.</summary>
    public int MaxObject { get; init; } = 8 << 20;
}

/// <summary>How far a list has come.</summary>
/// <param name="Resource">What is listed, as rights name it.</param>
/// <param name="Objects">How many objects so far.</param>
public readonly record struct ListProgress(string Resource, int Objects);

/// <summary>
/// Reads a whole cluster once, for people who ask about it: what policy needs, and the workloads that stand for pods. Each kind is as new as its own list;
/// a change between two lists may be seen in one of them.
/// </summary>
public sealed class ClusterLister
{
    private readonly KubeClient _client;
    private readonly ClusterListOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a lister; nothing is sent yet.</summary>
    /// <param name="client">Speaks to the server; not disposed.</param>
    /// <param name="options">How to ask; the defaults where absent.</param>
    /// <param name="time">The clock; the system's where absent.</param>
    public ClusterLister(KubeClient client, ClusterListOptions? options = null, TimeProvider? time = null)
    {
        _client = client;
        _options = options ?? new ClusterListOptions();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Lists all kinds at the same time.</summary>
    /// <param name="progress">Hears how far it has come, from several tasks at a time; may be null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The objects, and as warnings what could not be read or may not be listed.</returns>
    /// <exception cref="ClusterListException">Something without which nothing can be said was not to be had.</exception>
    public async Task<ObjectSet> ListAsync(IProgress<ListProgress>? progress, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listings = ListedKind.All.Select(kind => new KindLister(_client, kind, _options, _time, progress)).ToList();
        var running = listings.ConvertAll(listing => RunAsync(listing, end));
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        await (running.Find(static task => task.IsFaulted) ?? Task.CompletedTask).ConfigureAwait(false);
        var failed = listings.Where(static listing => listing.Failure is not null && !listing.IsLeftOut).ToList();
        if (failed.Count > 0)
        {
            throw ListFailures.Of(_client.Access, failed);
        }

        return ObjectSet.FromApi(
            [.. listings.SelectMany(static listing => listing.Objects)],
            [.. listings.SelectMany(static listing => listing.Workloads)],
            [.. listings.Where(static listing => listing.IsLeftOut).Select(ListFailures.LeftOut).OfType<Diagnostic>(), .. listings.SelectMany(static listing => listing.Diagnostics)]) with
        {
            LintIgnores = listings.SelectMany(static listing => listing.LintIgnores).ToDictionary(),
        };
    }

    // A missing right says nothing of the other lists, and all that are missing are to be named together. Any other failure will be the same for all.
    private static async Task RunAsync(KindLister listing, CancellationTokenSource end)
    {
        try
        {
            await listing.RunAsync(end.Token).ConfigureAwait(false);
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            throw;
        }

        if (listing.Failure is { Reason: not (KubeError.Forbidden or KubeError.NotFound) })
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
    }
}
