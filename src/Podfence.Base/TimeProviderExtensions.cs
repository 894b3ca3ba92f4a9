namespace Podfence.Base;

/// <summary>Points in time as monotonic timestamps of a clock.</summary>
public static class TimeProviderExtensions
{
    /// <summary>The timestamp after a wait from now.</summary>
    public static long After(this TimeProvider time, TimeSpan wait) =>
        time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);

    /// <summary>The time until a timestamp; zero when it has passed.</summary>
    public static TimeSpan Until(this TimeProvider time, long timestamp)
    {
        var now = time.GetTimestamp();
        return timestamp <= now ? TimeSpan.Zero : time.GetElapsedTime(now, timestamp);
    }
}
