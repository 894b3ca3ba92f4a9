namespace Podfence.Kubernetes;

/// <summary>How long to wait after failures: longer with each in a row, and never just as long as the others who failed at the same moment.</summary>
internal sealed class RetryPace(ReflectorOptions options, Random random)
{
    // What a proxy in between says of maintenance is not to keep an agent away for an hour.
    private static readonly TimeSpan s_mostAsked = TimeSpan.FromSeconds(60);
    private int _failures;

    /// <summary>The next failure is a first one.</summary>
    public void Reset() => _failures = 0;

    /// <summary>A failure.</summary>
    /// <param name="atOnce">Whether the first of several need not wait.</param>
    /// <param name="asked">What the server asked for.</param>
    public TimeSpan Fail(bool atOnce, TimeSpan? asked)
    {
        var isFirst = _failures == 0;
        var wait = options.RetryInterval * Math.Pow(2, Math.Min(_failures, 20));
        wait = wait < options.MaxRetryInterval ? wait : options.MaxRetryInterval;
        _failures++;
        wait *= 0.5 + (random.NextDouble() / 2);
        if (atOnce && isFirst)
        {
            wait = TimeSpan.Zero;
        }

        asked = asked > s_mostAsked ? s_mostAsked : asked;
        return asked > wait ? asked.Value : wait;
    }
}
