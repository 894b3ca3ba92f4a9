using Microsoft.Extensions.Time.Testing;

namespace Podfence.Agent.Tests;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Fail_AgainAndAgain_DoublesTheWaitUpToTheLongest()
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
    public void Fail_ForYears_KeepsToTheLongest()
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
    public void Reset_AfterFailures_BeginsAtTheFirstWaitAgain()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), _time);
        backoff.Fail();
        backoff.Fail();
        backoff.Reset();
        Assert.Equal(TimeSpan.Zero, backoff.Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(50), backoff.Fail());
    }
}
