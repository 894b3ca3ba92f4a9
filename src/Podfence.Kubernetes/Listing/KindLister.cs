using System.Globalization;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>Lists one kind, once: what it found, or why it found nothing.</summary>
internal sealed class KindLister(KubeClient client, ListedKind kind, ClusterListOptions options, TimeProvider time, IProgress<ListProgress>? progress)
{
    private const int Attempts = 4;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    /// <summary>The kind.</summary>
    public ListedKind Kind => kind;

    /// <summary>The objects, in the server's order.</summary>
    public List<ClusterObject> Objects { get; } = [];

    /// <summary>The workloads, in the server's order.</summary>
    public List<Workload> Workloads { get; } = [];

    /// <summary>The lint annotations of the objects.</summary>
    public Dictionary<ObjectReference, string> LintIgnores { get; } = [];

    /// <summary>What could not be read.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>Why the list did not come to its end; null where it did.</summary>
    public KubeException? Failure { get; private set; }

    /// <summary>Whether an answer can be given without this kind, which the server does not give out.</summary>
    public bool IsLeftOut => kind.WithoutIt is not null && Failure?.Reason is KubeError.Forbidden or KubeError.NotFound;

    /// <summary>Lists.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Pages that are compacted away faster than they can be read come at once in the end.
                await ListAsync(isLimited: attempt < Attempts, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (KubeException failure) when (attempt < Attempts && failure.Reason is KubeError.Gone or KubeError.TooManyRequests)
            {
                var wait = failure.RetryAfter ?? (failure.Reason == KubeError.Gone ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
                await Task.Delay(wait < s_longestWait ? wait : s_longestWait, time, cancellationToken).ConfigureAwait(false);
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
        await pages.ReadAsync(Page, Take, cancellationToken).ConfigureAwait(false);
        progress?.Report(new ListProgress(kind.Resource, count));

        string Page(string? next)
        {
            var limit = isLimited ? options.PageSize.ToString(CultureInfo.InvariantCulture) : "0";
            return next is null ? $"{kind.Path}?limit={limit}" : $"{kind.Path}?limit={limit}&continue={Uri.EscapeDataString(next)}";
        }

        ValueTask Take(ListedItem item)
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
            Objects.Add(found ?? throw item.Broken());
            if (lintIgnore is not null)
            {
                LintIgnores[found.Value.Reference] = lintIgnore;
            }
        }
    }

    private void ReadOversized(ReadOnlySpan<byte> beginning)
    {
        var reference = kind.IsWorkload ? null : ApiObjectReader.ReadReference(kind.Kind, beginning, out _);
        var isPolicy = reference is { Kind: nameof(NetworkPolicy) };
        Diagnostics.Add(new(DiagnosticSeverity.Warning, default, reference, null, "the object is too long to be taken", isPolicy ? "it isolates every pod of its namespace; make it shorter" : "make it shorter"));
        if (isPolicy)
        {
            Objects.Add(ClosedPolicy.Of(reference!.Value));
        }
    }
}
