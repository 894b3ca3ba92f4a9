using Microsoft.Extensions.Time.Testing;

namespace Podfence.Base.Tests;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Fail_Repeatedly_DoublesTheWaitUpToTheMaximum()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(300), _time);
        Assert.Equal(TimeSpan.Zero, backoff.Wait);
        Assert.Equal([50, 100, 200, 300, 300], Enumerable.Range(0, 5).Select(_ => backoff.Fail().TotalMilliseconds));
        Assert.Equal(TimeSpan.FromMilliseconds(300), backoff.Wait);
        _time.Advance(TimeSpan.FromMilliseconds(299));
        Assert.Equal(TimeSpan.FromMilliseconds(1), backoff.Wait);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(TimeSpan.Zero, backoff.Wait);
    }

    [Fact]
    public void Fail_ManyTimes_StaysAtTheMaximum()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), _time);
        var last = TimeSpan.Zero;
        for (var i = 0; i < 10_000; i++)
        {
            var wait = backoff.Fail();
            Assert.True(wait >= last);
            last = wait;
        }

        Assert.Equal(TimeSpan.FromDays(1), last);
    }

    [Fact]
    public void Reset_AfterFailures_RestartsAtTheFirstWait()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), _time);
        backoff.Fail();
        backoff.Fail();
        backoff.Reset();
        Assert.Equal(TimeSpan.Zero, backoff.Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(50), backoff.Fail());
    }

    [Fact]
    public void Fail_FirstIsImmediate_OnlyTheFirstInARowIs()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), _time);
        Assert.Equal(TimeSpan.Zero, backoff.Fail(isFirstImmediate: true));
        Assert.Equal(TimeSpan.FromMilliseconds(100), backoff.Fail(isFirstImmediate: true));
    }

    [Fact]
    public void Fail_ServerAsksForMore_WaitsAtLeastThatLong()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), _time);
        Assert.Equal(TimeSpan.FromSeconds(17), backoff.Fail(atLeast: TimeSpan.FromSeconds(17)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), backoff.Fail(atLeast: TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Fail_WithJitter_WaitsFromHalfToAll()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), _time, new Random(7));
        var waits = Enumerable.Range(0, 100).Select(_ => backoff.Fail().TotalSeconds).ToList();
        Assert.All(waits, static wait => Assert.InRange(wait, 0.5, 1));
        Assert.True(waits.Distinct().Count() > 50);
    }
}
