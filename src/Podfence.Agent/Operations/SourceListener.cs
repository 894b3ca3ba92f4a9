using System.Text.Json;
using Microsoft.Extensions.Logging;
using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Turns what the reflectors report into metrics, state, log lines and events on policies.</summary>
internal sealed class SourceListener(
    AgentState state,
    AgentMetrics metrics,
    PolicyEvents events,
    SyncTracker sync,
    ILogger logger,
    TimeProvider time
) : IReflectorListener
{
    public void Listed(string kind, ListReport report)
    {
        state.Source(kind, static source => source with { IsListed = true });
        logger.Listed(kind, report.Objects, report.Elapsed.TotalMilliseconds);
    }

    public void WatchStarted(string kind) =>
        state.Source(kind, static source => source with { DisconnectedAt = null, Failure = null });

    public void WatchEnded(string kind) => metrics.WatchRestarted(kind, "ended");

    public void Failed(string kind, WatchFailure what)
    {
        if (what is { IsList: true, Failure.Reason: KubeError.Rejected, RetryAfter.Ticks: 0 })
        {
            // Servers before 1.32 have no streamed lists: pages are requested at once, and no action is needed.
            logger.NoStreamedLists(kind);
            return;
        }

        var now = time.GetTimestamp();
        state.Source(kind, source =>
            source with
            {
                DisconnectedAt = source.DisconnectedAt ?? now,
                Failure = what.Failure.Message,
            }
        );
        var reason = JsonNamingPolicy.SnakeCaseLower.ConvertName(what.Failure.Reason.ToString());
        metrics.WatchRestarted(kind, reason);
        var request = what.IsList ? "List" : "Watch";
        logger.SourceFailed(request, kind, reason, what.RetryAfter.TotalMilliseconds, what.Failure.Message);
    }

    public void Received(string kind, WatchEventType type, int bytes) { }

    public void Unreadable(string kind, UnreadableObject what)
    {
        metrics.Unreadable(kind);
        var problems = string.Join("; ", what.Diagnostics.Select(static problem => problem.Message));
        logger.Unreadable(what.Reference?.ToString() ?? $"an object of kind {kind}", problems);
        if (what.Reference is { Kind: nameof(NetworkPolicy), Namespace: { } space } reference)
        {
            var policy = new PolicyKey(space, reference.Name);
            events.Post(
                policy,
                PolicyEventReason.Unreadable,
                $"Treated as deny, because it cannot be parsed: {problems}"
            );
        }
    }

    public void Advanced(string kind, string version) => sync.Advanced(kind, version);

    public void BytesRead(string kind, long bytes) => metrics.BytesRead(kind, bytes);
}
