using System.Globalization;

namespace Podfence.Cli;

/// <summary>
/// A progress line on the error stream, written only if that is a screen. It appears after a short delay, so that quick
/// work shows none, and is erased when the work is done. Thread-safe.
/// </summary>
internal sealed class ProgressLine : IProgress<string>, IDisposable
{
    private const int BarWidth = 20;
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _error;
    private readonly int _width;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long _drawnAt;
    private TimeSpan _wait = s_firstDelay;
    private bool _isDrawn;

    /// <summary>Creates a line that is not drawn yet.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="time">The clock. Default: the system's.</param>
    public ProgressLine(Terminal terminal, TimeProvider? time = null)
    {
        _error = terminal.Error;
        _width = terminal.ErrorWidth;
        _time = time ?? TimeProvider.System;
        _drawnAt = _time.GetTimestamp();
    }

    /// <summary>Reports the current step.</summary>
    public void Report(string value)
    {
        if (IsDue())
        {
            Draw(value);
        }
    }

    /// <summary>Reports how much of a known amount is done.</summary>
    /// <param name="what">The unit, such as <c>classes</c>.</param>
    /// <param name="done">The number done.</param>
    /// <param name="total">The total.</param>
    public void Report(string what, long done, long total)
    {
        if (IsDue())
        {
            var share = total <= 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
            var full = (int)(share * BarWidth);
            Draw(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"[{new string('#', full)}{new string('.', BarWidth - full)}] {(int)(share * 100), 3} % {what}: "
                        + $"{done:N0} of {total:N0}"
                )
            );
        }
    }

    /// <summary>Erases the line.</summary>
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

            // The last column stays free: some terminals wrap after it.
            _error.Write($"\r{TextWidth.Fit(text, _width - 1, "…")}\e[K");
            _error.Flush();
            (_drawnAt, _wait, _isDrawn) = (_time.GetTimestamp(), s_interval, true);
        }
    }
}
