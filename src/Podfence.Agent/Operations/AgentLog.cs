using Microsoft.Extensions.Logging;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// All log events of the agent. The ids are stable; docs/operate/operations.md lists them. No event contains a secret
/// or a whole object.
/// </summary>
internal static partial class AgentLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Starting Podfence {Version}: node {Node}, dataplane {Dataplane}, API server {Server}"
    )]
    public static partial void Starting(
        this ILogger logger,
        string version,
        string node,
        string dataplane,
        string server
    );

    [LoggerMessage(2, LogLevel.Information, "Shutting down; rules stay in place")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(3, LogLevel.Critical, "Fatal error, exiting; rules stay in force until the agent is restarted")]
    public static partial void Ended(this ILogger logger, Exception? exception);

    [LoggerMessage(
        10,
        LogLevel.Information,
        "Initial sync complete: {Pods} pods, {Policies} policies, {Fences} fences, {Elements} elements in {Sets} sets"
    )]
    public static partial void InitialSync(
        this ILogger logger,
        int pods,
        int policies,
        int fences,
        long elements,
        int sets
    );

    [LoggerMessage(
        11,
        LogLevel.Debug,
        "Applied {Events} events in {Milliseconds} ms (replaced: {Replaced}), {Delay} ms after the oldest was "
            + "received"
    )]
    public static partial void Applied(
        this ILogger logger,
        int events,
        double milliseconds,
        bool replaced,
        double? delay
    );

    [LoggerMessage(
        12,
        LogLevel.Error,
        "{Step} failed ({Reason}), kernel unchanged, next try in {Milliseconds} ms: {Message}"
    )]
    public static partial void Failed(
        this ILogger logger,
        ReconcileStep step,
        DataplaneFailure reason,
        double milliseconds,
        string message
    );

    [LoggerMessage(13, LogLevel.Information, "{Step} succeeds again")]
    public static partial void Recovered(this ILogger logger, ReconcileStep step);

    [LoggerMessage(14, LogLevel.Warning, "Drift detected, restoring rules ({Count} differences): {First}")]
    public static partial void Drifted(this ILogger logger, int count, string first);

    [LoggerMessage(
        15,
        LogLevel.Error,
        "Cannot compile {Policies}: failing closed, all {Direction} traffic of their pods is denied: {Message}"
    )]
    public static partial void FailedClosed(this ILogger logger, string policies, Direction direction, string message);

    [LoggerMessage(16, LogLevel.Debug, "Swept {Read} connections in {Milliseconds} ms, removed {Removed}")]
    public static partial void ConnectionsSwept(this ILogger logger, long read, long removed, double milliseconds);

    [LoggerMessage(20, LogLevel.Information, "Listed {Count} objects of kind {Kind} in {Milliseconds} ms")]
    public static partial void Listed(this ILogger logger, string kind, int count, double milliseconds);

    [LoggerMessage(
        21,
        LogLevel.Warning,
        "{Request} of {Kind} failed ({Reason}), next try in {Milliseconds} ms: {Message}"
    )]
    public static partial void SourceFailed(
        this ILogger logger,
        string request,
        string kind,
        string reason,
        double milliseconds,
        string message
    );

    [LoggerMessage(22, LogLevel.Warning, "{Name}: some fields cannot be parsed; treated as deny: {Problems}")]
    public static partial void Unreadable(this ILogger logger, string name, string problems);

    [LoggerMessage(23, LogLevel.Debug, "The server has no streamed lists; listing {Kind} in pages")]
    public static partial void NoStreamedLists(this ILogger logger, string kind);

    [LoggerMessage(30, LogLevel.Warning, "Cannot post a Kubernetes event on {Policy}: {Reason}")]
    public static partial void EventNotPosted(this ILogger logger, string policy, string reason);
}
