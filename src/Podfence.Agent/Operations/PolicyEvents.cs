using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Why a policy gets a Kubernetes event. The name is the event's reason.</summary>
public enum PolicyEventReason
{
    /// <summary>Rules could not be made of the policy: its pods are refused everything in its directions.</summary>
    PolicyFailedClosed,

    /// <summary>Something in the policy could not be read; what it might mean is refused.</summary>
    Unreadable,
}

/// <summary>A Kubernetes event about a policy, to be posted.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Reason">Why.</param>
/// <param name="Message">For people; at most 1,024 characters, the API server's limit.</param>
public sealed record PolicyEvent(PolicyKey Policy, PolicyEventReason Reason, string Message);

/// <summary>
/// Tells users of a policy, where they look, what is wrong with it. Never in the way of the fence: posting is a queue's matter, and what does not fit is dropped and counted.
/// The same thing about the same policy is told once, until it changes.
/// </summary>
internal sealed class PolicyEvents(Func<PolicyEvent, CancellationToken, Task<string?>> post, AgentMetrics metrics, ILogger logger)
{
    private const int MostWaiting = 256;
    private const int MostRemembered = 4096;
    private const int LongestMessage = 1024;

    private readonly Channel<PolicyEvent> _waiting = Channel.CreateBounded<PolicyEvent>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Dictionary<(PolicyKey, PolicyEventReason), string> _told = [];
    private readonly Lock _lock = new();

    /// <summary>Takes an event; returns at once.</summary>
    public void Post(PolicyKey policy, PolicyEventReason reason, string message)
    {
        message = message.Length > LongestMessage ? message[..(LongestMessage - 3)] + "..." : message;
        lock (_lock)
        {
            if (_told.TryGetValue((policy, reason), out var before) && string.Equals(before, message, StringComparison.Ordinal))
            {
                return;
            }

            // Forgetting all is rare, and costs an event that was told before.
            if (_told.Count >= MostRemembered)
            {
                _told.Clear();
            }

            _told[(policy, reason)] = message;
        }

        if (!_waiting.Writer.TryWrite(new PolicyEvent(policy, reason, message)))
        {
            metrics.EventPosted("dropped");
        }
    }

    /// <summary>Posts what comes, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var next in _waiting.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var refusal = await post(next, cancellationToken).ConfigureAwait(false);
            metrics.EventPosted(refusal is null ? "posted" : "refused");
            if (refusal is not null)
            {
                logger.EventRefused(next.Policy.ToString(), refusal);
            }
        }
    }
}
