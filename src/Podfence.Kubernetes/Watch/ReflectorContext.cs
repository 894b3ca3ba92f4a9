using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>What the steps of a reflector share.</summary>
internal sealed record ReflectorContext(
    KubeClient Client,
    WatchedKind Kind,
    Func<ClusterEvent, CancellationToken, ValueTask> Emit,
    IReflectorListener Listener,
    ReflectorOptions Options,
    TimeProvider Time,
    ListWatchUrls Urls,
    EventDecoder Decoder
)
{
    public void CountBytes(long bytes) => Listener.BytesRead(Kind.Name, bytes);

    /// <summary>Verifies that the server has reached a version, once a watch from it is open.</summary>
    /// <remarks>
    /// A restored server accepts a watch from a version that it has not reached yet, and sends no changes until it has.
    /// A restore after the watch is open breaks the watch.
    /// </remarks>
    /// <exception cref="KubeException">It has not, or the request failed.</exception>
    public async Task ProbeAsync(string version, CancellationToken cancellationToken)
    {
        try
        {
            await Client.GetAsync(Urls.Probe(version), cancellationToken).ConfigureAwait(false);
        }
        catch (KubeException failure) when (failure.Reason is KubeError.Rejected)
        {
            // The server does not know this request, so the watch itself has to show it.
        }
    }
}
