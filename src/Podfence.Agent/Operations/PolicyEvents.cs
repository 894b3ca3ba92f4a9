using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Why a policy gets a Kubernetes event. The name is the event's reason.</summary>
public enum PolicyEventReason
{
    /// <summary>The policy could not be compiled: all traffic of its pods in its directions is denied.</summary>
    PolicyFailedClosed,

    /// <summary>Some fields of the policy cannot be parsed; they are treated as deny.</summary>
    Unreadable,
}

/// <summary>A Kubernetes event on a policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Message">The text; at most 1,024 characters, the API server's limit.</param>
public sealed record PolicyEvent(PolicyKey Policy, PolicyEventReason Reason, string Message);

/// <summary>
/// Reports problems of a policy as Kubernetes events on it. It never delays enforcement: events are posted from a
/// queue, and what does not fit is dropped and counted. The same message on the same policy is posted once, until it
/// changes.
/// </summary>
internal sealed class PolicyEvents(
    Func<PolicyEvent, CancellationToken, Task<string?>> post,
    AgentMetrics metrics,
    ILogger logger
)
{
    private const int MaxQueued = 256;
    private const int MaxRemembered = 4096;
    private const int MaxMessageLength = 1024;

    private readonly Channel<PolicyEvent> _queue = Channel.CreateBounded<PolicyEvent>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true }
    );

    private readonly Dictionary<(PolicyKey, PolicyEventReason), string> _lastSent = [];
    private readonly Lock _lock = new();

    /// <summary>Queues an event; returns at once.</summary>
    public void Post(PolicyKey policy, PolicyEventReason reason, string message)
    {
        message = message.Length > MaxMessageLength ? message[..(MaxMessageLength - 3)] + "..." : message;
        lock (_lock)
        {
            if (
                _lastSent.TryGetValue((policy, reason), out var before)
                && string.Equals(before, message, StringComparison.Ordinal)
            )
            {
                return;
            }

            // Clearing everything is rare, and costs a repeated event.
            if (_lastSent.Count >= MaxRemembered)
            {
                _lastSent.Clear();
            }

            _lastSent[(policy, reason)] = message;
        }

        if (!_queue.Writer.TryWrite(new PolicyEvent(policy, reason, message)))
        {
            metrics.EventPosted("dropped");
        }
    }

    /// <summary>Posts the queued events, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var next in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var error = await post(next, cancellationToken).ConfigureAwait(false);
            metrics.EventPosted(error is null ? "posted" : "rejected");
            if (error is not null)
            {
                logger.EventNotPosted(next.Policy.ToString(), error);
            }
        }
    }
}
