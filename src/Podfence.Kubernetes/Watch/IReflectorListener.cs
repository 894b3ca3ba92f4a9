using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Observes the lists and watches of the API server, for metrics, logs and readiness. Called from one task per kind,
/// several kinds at a time; it must not block. An exception that it throws ends the source.
/// </summary>
public interface IReflectorListener
{
    /// <summary>A whole list was emitted.</summary>
    void Listed(string kind, ListReport report);

    /// <summary>A watch is open: from now on changes arrive as they happen.</summary>
    void WatchStarted(string kind);

    /// <summary>A watch has ended normally, and is started again at once.</summary>
    void WatchEnded(string kind);

    /// <summary>
    /// A list or a watch has failed: until <see cref="WatchStarted"/> the emitted state is out of date.
    /// </summary>
    void Failed(string kind, WatchFailure what);

    /// <summary>A watch event has arrived, bookmarks included.</summary>
    void Received(string kind, WatchEventType type, int bytes);

    /// <summary>All changes of the kind up to this resourceVersion have been emitted.</summary>
    void Advanced(string kind, string version);

    /// <summary>An object could not be read, or not completely.</summary>
    void Unreadable(string kind, UnreadableObject what);

    /// <summary>Bytes have arrived over the connection, counted as compressed.</summary>
    void BytesRead(string kind, long bytes);
}

/// <summary>A list that was emitted.</summary>
/// <param name="Objects">The number of objects.</param>
/// <param name="Streamed">Whether it came as a stream, not in pages.</param>
/// <param name="Elapsed">From its first request to its last object.</param>
public readonly record struct ListReport(int Objects, bool Streamed, TimeSpan Elapsed);

/// <summary>A failure of a list or a watch.</summary>
/// <param name="Failure">The failure, with its reason.</param>
/// <param name="IsList">Whether a list failed.</param>
/// <param name="Relists">Whether all objects are listed next; otherwise the watch continues from where it was.</param>
/// <param name="RetryAfter">The wait before the next try.</param>
public readonly record struct WatchFailure(KubeException Failure, bool IsList, bool Relists, TimeSpan RetryAfter);

/// <summary>An object that could not be read completely.</summary>
/// <param name="Reference">Its kind and name; null if unknown.</param>
/// <param name="Diagnostics">What could not be read, and the effect.</param>
/// <param name="WasEmitted">Whether the rest of it was emitted; if not, the object stays as it was.</param>
public readonly record struct UnreadableObject(
    ObjectReference? Reference,
    IReadOnlyList<Diagnostic> Diagnostics,
    bool WasEmitted
);
