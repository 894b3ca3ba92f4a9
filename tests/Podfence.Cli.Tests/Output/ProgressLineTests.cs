using Microsoft.Extensions.Time.Testing;

namespace Podfence.Cli.Tests;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _error = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _error.Dispose();

    [Fact]
    public void Report_QuickWork_ShowsNothing()
    {
        using (var line = Line(80))
        {
            line.Report("a");
            _time.Advance(TimeSpan.FromMilliseconds(399));
            line.Report("b");
        }

        Assert.Empty(_error.ToString());
    }

    [Fact]
    public void Report_LongWork_IsDrawnAtItsPaceAndTakenOffInTheEnd()
    {
        using (var line = Line(80))
        {
            _time.Advance(TimeSpan.FromMilliseconds(400));
            line.Report("a");
            line.Report("too soon");
            _time.Advance(TimeSpan.FromMilliseconds(100));
            line.Report("classes", 500, 2000);
        }

        Assert.Equal("\ra\e[K\r[#####...............]  25 % classes: 500 of 2,000\e[K\r\e[K", _error.ToString());
    }

    [Fact]
    public void Report_NarrowScreen_NeverWraps()
    {
        using var line = Line(10);
        _time.Advance(TimeSpan.FromSeconds(1));

        line.Report("reading the cluster");

        Assert.Equal("\rreading …\e[K", _error.ToString());
    }

    [Fact]
    public void Report_NobodyLooks_WritesNothing()
    {
        using (var line = Line(0))
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            line.Report("a");
            line.Report("b", 1, 2);
        }

        Assert.Empty(_error.ToString());
    }

    [Fact]
    public void Report_AfterTheEnd_WritesNothing()
    {
        var line = Line(80);
        _time.Advance(TimeSpan.FromSeconds(1));
        line.Dispose();

        line.Report("late");

        Assert.Empty(_error.ToString());
    }

    private ProgressLine Line(int width) => new(new Terminal(TextWriter.Null, _error) { ErrorWidth = width }, _time);
}
