namespace Podfence.Agent;

/// <summary>When to try again: at once while all goes well, after a failure later and later, up to a longest wait.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    // More doublings than this change nothing: 2^40 ticks are a day.
    private const int MostDoublings = 40;
    private int _failures;
    private long _due = time.GetTimestamp();

    /// <summary>How long until the next try; zero when it is due.</summary>
    public TimeSpan Wait => time.Until(_due);

    /// <summary>A try has failed.</summary>
    /// <returns>How long to wait for the next.</returns>
    public TimeSpan Fail()
    {
        var wait = first;
        for (var i = 0; i < Math.Min(_failures, MostDoublings) && wait < longest; i++)
        {
            wait *= 2;
        }

        wait = wait < longest ? wait : longest;
        _failures++;
        _due = time.After(wait);
        return wait;
    }

    /// <summary>A try has succeeded: the next failure is a first one.</summary>
    /// <returns>Whether the try before had failed.</returns>
    public bool Reset()
    {
        var hadFailed = _failures > 0;
        _failures = 0;
        _due = time.GetTimestamp();
        return hadFailed;
    }
}
