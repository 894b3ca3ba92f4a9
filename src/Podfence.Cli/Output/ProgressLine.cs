using System.Globalization;

namespace Podfence.Cli;

/// <summary>
/// One line on the error stream that says how far long work has come, for who looks at a screen; anywhere else nothing is written. It comes only after a moment,
/// so that quick work shows none, and is gone when the work is done. Safe for several threads.
/// </summary>
internal sealed class ProgressLine : IProgress<string>, IDisposable
{
    private const int BarWidth = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _error;
    private readonly int _width;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long _drawnAt;
    private TimeSpan _wait = s_patience;
    private bool _isDrawn;

    /// <summary>A line that is not drawn yet.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="time">The clock by which it waits; the system's where absent.</param>
    public ProgressLine(Terminal terminal, TimeProvider? time = null)
    {
        _error = terminal.Error;
        _width = terminal.ErrorWidth;
        _time = time ?? TimeProvider.System;
        _drawnAt = _time.GetTimestamp();
    }

    /// <summary>Says what is being done now.</summary>
    public void Report(string value)
    {
        if (IsDue())
        {
            Draw(value);
        }
    }

    /// <summary>Says how much of a known amount is done.</summary>
    /// <param name="what">What is counted: <c>classes</c>.</param>
    /// <param name="done">How many are done.</param>
    /// <param name="total">Of how many.</param>
    public void Report(string what, long done, long total)
    {
        if (IsDue())
        {
            var share = total <= 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
            var full = (int)(share * BarWidth);
            Draw(string.Create(CultureInfo.InvariantCulture, $"[{new string('#', full)}{new string('.', BarWidth - full)}] {(int)(share * 100),3} % {what}: {done:N0} of {total:N0}"));
        }
    }

    /// <summary>Takes the line off the screen.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDrawn)
            {
                _error.Write("\r\e[K");
                _isDrawn = false;
            }

            _wait = TimeSpan.MaxValue;
        }
    }

    private bool IsDue()
    {
        if (_width == 0)
        {
            return false;
        }

        lock (_gate)
        {
            return _time.GetElapsedTime(_drawnAt) >= _wait;
        }
    }

    private void Draw(string text)
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_drawnAt) < _wait)
            {
                return;
            }

            // The last column is left free: some screens begin a new line there.
            _error.Write($"\r{TextWidth.Fit(text, _width - 1, "…")}\e[K");
            _error.Flush();
            (_drawnAt, _wait, _isDrawn) = (_time.GetTimestamp(), s_pace, true);
        }
    }
}
