using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>Lists one kind, once.</summary>
internal sealed class KindLister(
    KubeClient client,
    ListedKind kind,
    ClusterListOptions options,
    TimeProvider time,
    IProgress<ListProgress>? progress
)
{
    private const int MaxAttempts = 4;
    private static readonly TimeSpan s_maxWait = TimeSpan.FromSeconds(10);

    public ListedKind Kind => kind;

    /// <summary>The objects, in the server's order.</summary>
    public List<ClusterObject> Objects { get; } = [];

    /// <summary>The workloads, in the server's order.</summary>
    public List<Workload> Workloads { get; } = [];

    /// <summary>The lint annotations of the objects.</summary>
    public Dictionary<ObjectReference, string> LintIgnores { get; } = [];

    /// <summary>What could not be read.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>Why the list is not complete; null if it is.</summary>
    public KubeException? Failure { get; private set; }

    /// <summary>Whether the kind is optional and the server does not provide it.</summary>
    public bool IsSkipped =>
        kind.OptionalNote is not null && Failure?.Reason is KubeError.Forbidden or KubeError.NotFound;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Pages that are compacted faster than they can be read are requested as one response in the last
                // attempt.
                await ListAsync(isLimited: attempt < MaxAttempts, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (KubeException failure)
                when (attempt < MaxAttempts && failure.Reason is KubeError.Gone or KubeError.TooManyRequests)
            {
                var pause = failure.Reason == KubeError.Gone ? TimeSpan.Zero : TimeSpan.FromSeconds(1);
                var wait = failure.RetryAfter ?? pause;
                await Task.Delay(wait < s_maxWait ? wait : s_maxWait, time, cancellationToken).ConfigureAwait(false);
            }
            catch (KubeException failure)
            {
                Failure = failure;
                return;
            }
        }
    }

    private async Task ListAsync(bool isLimited, CancellationToken cancellationToken)
    {
        Objects.Clear();
        Workloads.Clear();
        LintIgnores.Clear();
        Diagnostics.Clear();
        var count = 0;
        var pages = new ListPages(client, options.MaxObject, time, static _ => { });
        await pages.ReadAsync(Page, Handle, cancellationToken).ConfigureAwait(false);
        progress?.Report(new ListProgress(kind.Resource, count));

        string Page(string? next) => ListWatchUrls.Page(kind.Path, next, isLimited ? options.PageSize : 0);

        ValueTask Handle(ListedItem item)
        {
            Read(item);
            if (++count % options.PageSize == 0)
            {
                progress?.Report(new ListProgress(kind.Resource, count));
            }

            return default;
        }
    }

    private void Read(ListedItem item)
    {
        if (item.IsOversized)
        {
            ReadOversized(item.Json);
        }
        else if (kind.IsWorkload)
        {
            Diagnostics.AddRange(ListItemReader.ReadWorkload(kind.Kind, item.Json, out var workload));
            if (workload is not null)
            {
                Workloads.Add(workload);
            }
        }
        else
        {
            Diagnostics.AddRange(ListItemReader.ReadObject(kind.Kind, item.Json, out var found, out var lintIgnore));
            Objects.Add(found ?? throw item.Invalid());
            if (lintIgnore is not null)
            {
                LintIgnores[found.Value.Reference] = lintIgnore;
            }
        }
    }

    private void ReadOversized(ReadOnlySpan<byte> beginning)
    {
        if (kind.IsWorkload)
        {
            Diagnostics.Add(OversizedObject.Describe(null, isPolicy: false));
            return;
        }

        var item = OversizedObject.Read(kind.Kind, beginning, out _);
        Diagnostics.Add(item.Diagnostic);
        if (item.Policy is { } policy)
        {
            Objects.Add(policy);
        }
    }
}
