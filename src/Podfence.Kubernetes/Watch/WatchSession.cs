namespace Podfence.Kubernetes;

/// <summary>One watch: how long it has lasted, and how long to wait for what comes next.</summary>
internal sealed class WatchSession(TimeProvider time, ReflectorOptions options, TimeSpan length)
{
    // A server that ends watches as fast as they are made would be asked without pause.
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private bool _hasHeard;
    private TimeSpan _waitedBefore;
    private bool _hasProgress;
    private TimeSpan _limit = length + options.WatchGrace;

    public long Began { get; } = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(Began);

    /// <summary>Objects that a streamed list has named.</summary>
    public int Objects { get; private set; }

    /// <summary>Whether it is to be ended from here.</summary>
    public bool IsOver => Elapsed >= _limit;

    /// <summary>Whether it was so short that it must not be begun again at once.</summary>
    public bool IsIdle => !_hasHeard && Elapsed < s_shortest;

    /// <summary>How long the server may be silent.</summary>
    public TimeSpan Patience => Least(options.MaxSilence, _limit - Elapsed);

    /// <summary>How long a streamed list may still bring no object. What has come besides is no progress: a server that takes the list for a watch sends changes.</summary>
    /// <param name="waited">How long all reading has waited so far.</param>
    public TimeSpan ListPatience(TimeSpan waited)
    {
        if (_hasProgress)
        {
            _hasProgress = false;
            _waitedBefore = waited;
        }

        return options.StreamPatience - (waited - _waitedBefore);
    }

    public void Heard(Heard heard)
    {
        _hasHeard = true;
        if (heard.Type == WatchEventType.Added)
        {
            Objects++;
            _hasProgress = true;
        }

        if (heard.IsDoubtful)
        {
            _limit = Least(_limit, Elapsed + options.DoubtTime);
        }
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
