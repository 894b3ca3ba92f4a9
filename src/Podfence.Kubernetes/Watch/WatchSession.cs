namespace Podfence.Kubernetes;

/// <summary>One watch: how long it has lasted, and how long to wait for the next event.</summary>
internal sealed class WatchSession(TimeProvider time, ReflectorOptions options, TimeSpan length)
{
    // Without it, a server that ends watches as fast as they are started would be asked without a pause.
    private static readonly TimeSpan s_minLength = TimeSpan.FromSeconds(1);
    private bool _hasEvents;
    private TimeSpan _waitedBefore;
    private bool _hasProgress;
    private TimeSpan _limit = length + options.WatchGrace;

    public long Began { get; } = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(Began);

    /// <summary>Objects that a streamed list has contained so far.</summary>
    public int Objects { get; private set; }

    /// <summary>Whether the client has to end it.</summary>
    public bool IsOver => Elapsed >= _limit;

    /// <summary>Whether it was so short that the next one must not follow at once.</summary>
    public bool IsIdle => !_hasEvents && Elapsed < s_minLength;

    /// <summary>How long the server may be silent.</summary>
    public TimeSpan Timeout => Min(options.MaxSilence, _limit - Elapsed);

    /// <summary>
    /// How long a streamed list may still bring no object. Other events are not progress: a server that takes the list
    /// for a watch sends changes.
    /// </summary>
    /// <param name="waited">Total time spent waiting for bytes.</param>
    public TimeSpan ListTimeout(TimeSpan waited)
    {
        if (_hasProgress)
        {
            _hasProgress = false;
            _waitedBefore = waited;
        }

        return options.StreamTimeout - (waited - _waitedBefore);
    }

    public void Observe(DecodedEvent decoded)
    {
        _hasEvents = true;
        if (decoded.Type == WatchEventType.Added)
        {
            Objects++;
            _hasProgress = true;
        }

        if (decoded.MayHaveMissedEvents)
        {
            _limit = Min(_limit, Elapsed + options.RelistDelay);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
