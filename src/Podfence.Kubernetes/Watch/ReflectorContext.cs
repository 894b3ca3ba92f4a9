using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>What the steps of a reflector share.</summary>
internal sealed record ReflectorContext(
    KubeClient Client,
    WatchedKind Kind,
    Func<ClusterEvent, CancellationToken, ValueTask> Tell,
    IReflectorListener Listener,
    ReflectorOptions Options,
    TimeProvider Time,
    ListWatchUrls Queries,
    EventDecoder Teller)
{
    /// <summary>Asks for a list or a watch.</summary>
    /// <exception cref="KubeException">There is no answer, or it is a refusal.</exception>
    public async Task<FrameReader> OpenAsync(string path, FrameSplitter cutter, bool acceptGzip, CancellationToken cancellationToken) =>
        new(await Client.OpenAsync(path, acceptGzip, cancellationToken).ConfigureAwait(false), cutter, Time, bytes => Listener.BytesRead(Kind.Name, bytes), cancellationToken);

    /// <summary>The failure of a server that says nothing any more.</summary>
    public static KubeException Silent(string path) => new(KubeError.Timeout, $"GET {path}: the server has gone silent");
}
