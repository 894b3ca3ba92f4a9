namespace Podfence.Cli.Tests;

/// <summary>Waits for what comes about without a word, with a bound.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    // A busy machine may need long; an idle one needs a fraction of a second.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    /// <summary>Asserts that something comes to hold.</summary>
    public static Task TrueAsync(Func<bool> holds, Func<string> otherwise) =>
        TrueAsync(() => Task.FromResult(holds()), otherwise);

    /// <summary>Asserts that something comes to hold.</summary>
    public static async Task TrueAsync(Func<Task<bool>> holds, Func<string> otherwise)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < s_limit,
                $"{otherwise()} after {s_limit.TotalSeconds} s"
            );
            await Task.Delay(s_pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
