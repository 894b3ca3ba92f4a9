using Microsoft.Extensions.Logging;
using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Turns what the sources tell of the API server into numbers, states, log lines and events about policies.</summary>
internal sealed class SourceListener(AgentState state, AgentMetrics metrics, PolicyEvents events, Action<string, string> advanced, ILogger logger, TimeProvider time) : IReflectorListener
{
    public void Listed(string kind, ListReport report)
    {
        state.Source(kind, static source => source with { IsListed = true });
        logger.Listed(kind, report.Objects, report.Elapsed.TotalMilliseconds);
    }

    public void WatchStarted(string kind) => state.Source(kind, static source => source with { DisconnectedAt = null, Failure = null });

    public void WatchEnded(string kind) => metrics.WatchRestarted(kind, "ended");

    public void Interrupted(string kind, WatchFailure what)
    {
        if (what is { IsList: true, Failure.Reason: KubeError.Refused, RetryAfter.Ticks: 0 })
        {
            // Servers before 1.32 have no streamed lists: pages are asked for at once, and there is nothing to do about it.
            logger.NoStreamedLists(kind);
            return;
        }

        var now = time.GetTimestamp();
        state.Source(kind, source => source with { DisconnectedAt = source.DisconnectedAt ?? now, Failure = what.Failure.Message });
        var reason = SnakeCase.Of(what.Failure.Reason.ToString());
        metrics.WatchRestarted(kind, reason);
        logger.Interrupted(what.IsList ? "list" : "watch", kind, reason, what.RetryAfter.TotalMilliseconds, what.Failure.Message);
    }

    public void Received(string kind, WatchEventType type, int bytes)
    {
    }

    public void Unreadable(string kind, UnreadableObject what)
    {
        metrics.Unreadable(kind);
        var faults = string.Join("; ", what.Diagnostics.Select(static fault => fault.Message));
        logger.Unreadable(what.Reference?.ToString() ?? $"an object of kind {kind}", faults);
        if (what.Reference is { Kind: nameof(NetworkPolicy), Namespace: { } space } reference)
        {
            events.Post(new PolicyKey(space, reference.Name), PolicyEventReason.Unreadable, $"What cannot be read is refused: {faults}");
        }
    }

    public void Advanced(string kind, string version) => advanced(kind, version);

    public void BytesRead(string kind, long bytes) => metrics.BytesRead(kind, bytes);
}
