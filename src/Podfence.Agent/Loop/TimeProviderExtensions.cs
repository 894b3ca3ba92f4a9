namespace Podfence.Agent;

/// <summary>TimeProviderExtensions on the clock's monotonic scale, kept as timestamps.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>The moment so much later than now.</summary>
    public static long After(this TimeProvider time, TimeSpan wait) => time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);

    /// <summary>How long until a moment; zero when it has come.</summary>
    public static TimeSpan Until(this TimeProvider time, long moment)
    {
        var now = time.GetTimestamp();
        return moment <= now ? TimeSpan.Zero : time.GetElapsedTime(now, moment);
    }
}
