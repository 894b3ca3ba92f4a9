using Microsoft.Extensions.Logging;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Everything the agent logs. The ids are stable; docs/operate/operations.md lists them. Nothing here ever holds a secret or a whole object.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(1, LogLevel.Information, "Podfence {Version} fences the pods of node {Node} with {Dataplane}, as {Server} says")]
    public static partial void Starting(this ILogger logger, string version, string node, string dataplane, string server);

    [LoggerMessage(2, LogLevel.Information, "Stopping; the fence stands")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(3, LogLevel.Critical, "The agent cannot go on and ends; the fence stands as it is until it is started anew")]
    public static partial void Ended(this ILogger logger, Exception? fault);

    [LoggerMessage(10, LogLevel.Information, "Everything is listed; the node is fenced: {Pods} pods, {Policies} policies, {Fences} fences, {Elements} elements of {Sets} sets")]
    public static partial void Fenced(this ILogger logger, int pods, int policies, int fences, long elements, int sets);

    [LoggerMessage(11, LogLevel.Debug, "Applied {Events} events in {Milliseconds} ms (replaced: {Replaced}), {Delay} ms after the oldest was received")]
    public static partial void Applied(this ILogger logger, int events, double milliseconds, bool replaced, double? delay);

    [LoggerMessage(12, LogLevel.Error, "{Step} failed ({Reason}), the kernel stays as it is, next try in {Milliseconds} ms: {Message}")]
    public static partial void Failed(this ILogger logger, ReconcileStep step, DataplaneFailure reason, double milliseconds, string message);

    [LoggerMessage(13, LogLevel.Information, "{Step} succeeds again")]
    public static partial void Recovered(this ILogger logger, ReconcileStep step);

    [LoggerMessage(14, LogLevel.Warning, "Somebody else changed our rules, which are being put back ({Count} differences): {First}")]
    public static partial void Drifted(this ILogger logger, int count, string first);

    [LoggerMessage(15, LogLevel.Error, "The rules of {Policies} cannot be made, so their pods are refused everything ({Direction}) until one of these policies changes: {Message}")]
    public static partial void Closed(this ILogger logger, string policies, Direction direction, string message);

    [LoggerMessage(16, LogLevel.Debug, "Looked through {Read} connections in {Milliseconds} ms and removed {Removed}")]
    public static partial void ConnectionsSwept(this ILogger logger, long read, long removed, double milliseconds);

    [LoggerMessage(20, LogLevel.Information, "Listed {Count} objects of kind {Kind} in {Milliseconds} ms")]
    public static partial void Listed(this ILogger logger, string kind, int count, double milliseconds);

    [LoggerMessage(21, LogLevel.Warning, "The {What} of {Kind} failed ({Reason}), next try in {Milliseconds} ms: {Message}")]
    public static partial void Interrupted(this ILogger logger, string what, string kind, string reason, double milliseconds, string message);

    [LoggerMessage(22, LogLevel.Warning, "{Name} has something in it that cannot be read, and what it might mean is refused: {Faults}")]
    public static partial void Unreadable(this ILogger logger, string name, string faults);

    [LoggerMessage(23, LogLevel.Debug, "The server streams no lists; {Kind} is listed in pages")]
    public static partial void NoStreamedLists(this ILogger logger, string kind);

    [LoggerMessage(30, LogLevel.Warning, "A Kubernetes event about {Policy} could not be posted ({Reason})")]
    public static partial void EventRefused(this ILogger logger, string policy, string reason);
}
