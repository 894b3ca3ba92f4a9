using Podfence.Manifests;
using Podfence.Model;


namespace Podfence.Kubernetes;

/// <summary>
/// Hears how it goes between us and the API server, for metrics, logs and readiness. Called from one task per kind, several kinds at a time; it must not wait.
/// What it throws ends the source.
/// </summary>
public interface IReflectorListener
{
    /// <summary>A whole list was told.</summary>
    void Listed(string kind, ListReport report);

    /// <summary>The server is sending changes from now on: what was told is no older than the way here.</summary>
    void WatchStarted(string kind);

    /// <summary>A watch has ended as it should and goes on at once. There is nothing to do about it.</summary>
    void WatchEnded(string kind);

    /// <summary>A list or a watch has failed: from now until <see cref="WatchStarted"/> what was told grows old.</summary>
    void Interrupted(string kind, WatchFailure what);

    /// <summary>An event of a watch has come, bookmarks included.</summary>
    void Received(string kind, WatchEventType type, int bytes);

    /// <summary>Everything of the kind up to this version of the server's has been told.</summary>
    void Advanced(string kind, string version);

    /// <summary>Something of an object could not be read, or nothing of it.</summary>
    void Unreadable(string kind, UnreadableObject what);

    /// <summary>Bytes have come over the connection, as compressed as they were.</summary>
    void BytesRead(string kind, long bytes);
}

/// <summary>A list that was told.</summary>
/// <param name="Objects">How many objects it named.</param>
/// <param name="Streamed">Whether it came as a stream, not in pages.</param>
/// <param name="Elapsed">From its first request to its last object.</param>
public readonly record struct ListReport(int Objects, bool Streamed, TimeSpan Elapsed);

/// <summary>A failure of a list or a watch.</summary>
/// <param name="Failure">What, with its reason.</param>
/// <param name="IsList">Whether a list failed.</param>
/// <param name="Relists">Whether everything is listed next; otherwise the watch goes on from where it was.</param>
/// <param name="RetryAfter">How long it waits before.</param>
public readonly record struct WatchFailure(KubeException Failure, bool IsList, bool Relists, TimeSpan RetryAfter);

/// <summary>An object of which not everything could be read.</summary>
/// <param name="Reference">Its name; null where none can be made out.</param>
/// <param name="Diagnostics">What could not be read, and what that means.</param>
/// <param name="IsTold">Whether the rest of it was told; if not, the object is as it was before.</param>
public readonly record struct UnreadableObject(ObjectReference? Reference, IReadOnlyList<Diagnostic> Diagnostics, bool IsTold);
