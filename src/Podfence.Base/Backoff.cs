namespace Podfence.Base;

/// <summary>
/// Exponential back-off: the wait after a failure doubles with each failure in a row, up to a maximum.
/// </summary>
/// <param name="first">The wait after the first failure.</param>
/// <param name="max">The maximum wait.</param>
/// <param name="time">The clock.</param>
/// <param name="jitter">
/// Multiplies each wait by a random factor from 0.5 to 1, so that clients that failed together do not come back
/// together; null for exact waits.
/// </param>
public sealed class Backoff(TimeSpan first, TimeSpan max, TimeProvider time, Random? jitter = null)
{
    // More doublings change nothing: 2^40 ticks are more than a day.
    private const int MaxDoublings = 40;
    private int _failures;
    private long _due = time.GetTimestamp();

    /// <summary>The time until the next try; zero when it is due.</summary>
    public TimeSpan Wait => time.Until(_due);

    /// <summary>Records a failure.</summary>
    /// <param name="isFirstImmediate">Whether the first failure in a row is retried at once.</param>
    /// <param name="atLeast">The minimum wait, as asked for by a server; it may exceed the maximum.</param>
    /// <returns>The time to wait before the next try.</returns>
    public TimeSpan Fail(bool isFirstImmediate = false, TimeSpan? atLeast = null)
    {
        var wait = Doubled();
        if (jitter is not null)
        {
            wait *= 0.5 + (jitter.NextDouble() / 2);
        }

        if (isFirstImmediate && _failures == 0)
        {
            wait = TimeSpan.Zero;
        }

        wait = atLeast > wait ? atLeast.Value : wait;
        _failures++;
        _due = time.After(wait);
        return wait;
    }

    /// <summary>Records a success: the next failure is the first in a row.</summary>
    /// <returns>Whether the last try had failed.</returns>
    public bool Reset()
    {
        var hadFailed = _failures > 0;
        _failures = 0;
        _due = time.GetTimestamp();
        return hadFailed;
    }

    private TimeSpan Doubled()
    {
        var wait = first;
        for (var i = 0; i < Math.Min(_failures, MaxDoublings) && wait < max; i++)
        {
            wait *= 2;
        }

        return wait < max ? wait : max;
    }
}
