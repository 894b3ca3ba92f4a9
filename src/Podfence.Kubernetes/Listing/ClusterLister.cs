using Podfence.Manifests;

namespace Podfence.Kubernetes;

/// <summary>Limits of a <see cref="ClusterLister"/>.</summary>
public sealed record ClusterListOptions
{
    /// <summary>Objects per page. 500 by default; at least 1.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Maximum size of an object, in bytes. 8 MiB by default; etcd accepts 1.5 MiB.</summary>
    public int MaxObject { get; init; } = 8 << 20;
}

/// <summary>The progress of a list.</summary>
/// <param name="Resource">The resource, as RBAC names it.</param>
/// <param name="Objects">Objects so far.</param>
public readonly record struct ListProgress(string Resource, int Objects);

/// <summary>
/// Reads a whole cluster once, for a command: what policy needs, and the workloads that stand for pods. Each kind is
/// as new as its own list; a change between two lists may be visible in only one of them.
/// </summary>
public sealed class ClusterLister
{
    private readonly KubeClient _client;
    private readonly ClusterListOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a lister; nothing is sent yet.</summary>
    /// <param name="client">The API client; not disposed.</param>
    /// <param name="options">Limits; the defaults if null.</param>
    /// <param name="time">The clock; the system's if null.</param>
    public ClusterLister(KubeClient client, ClusterListOptions? options = null, TimeProvider? time = null)
    {
        _client = client;
        _options = options ?? new ClusterListOptions();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Lists all kinds at the same time.</summary>
    /// <param name="progress">Receives the progress, from several tasks at a time; may be null.</param>
    /// <param name="cancellationToken">Cancels the lists.</param>
    /// <returns>The objects; what could not be read or may not be listed is in their warnings.</returns>
    /// <exception cref="ClusterListException">A required kind is not available.</exception>
    public async Task<ObjectSet> ListAsync(IProgress<ListProgress>? progress, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listers = ListedKind.All.Select(kind => new KindLister(_client, kind, _options, _time, progress)).ToList();
        var running = listers.ConvertAll(lister => RunAsync(lister, end));
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        await (running.Find(static task => task.IsFaulted) ?? Task.CompletedTask).ConfigureAwait(false);
        var failed = listers.Where(static lister => lister.Failure is not null && !lister.IsSkipped).ToList();
        if (failed.Count > 0)
        {
            throw ListFailures.Of(_client.Access, failed);
        }

        var skipped = listers.Where(static lister => lister.IsSkipped).Select(ListFailures.SkippedWarning);
        return ObjectSet.FromApi(
            [.. listers.SelectMany(static lister => lister.Objects)],
            [.. listers.SelectMany(static lister => lister.Workloads)],
            [.. skipped.OfType<Diagnostic>(), .. listers.SelectMany(static lister => lister.Diagnostics)]
        ) with
        {
            LintIgnores = listers.SelectMany(static lister => lister.LintIgnores).ToDictionary(),
        };
    }

    // A missing permission does not affect the other lists, and all missing ones are reported together. Any other
    // failure will be the same for all.
    private static async Task RunAsync(KindLister lister, CancellationTokenSource end)
    {
        try
        {
            await lister.RunAsync(end.Token).ConfigureAwait(false);
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            throw;
        }

        if (lister.Failure is { Reason: not (KubeError.Forbidden or KubeError.NotFound) })
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
    }
}
