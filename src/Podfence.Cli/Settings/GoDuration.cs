using System.Globalization;

namespace Podfence.Cli;

/// <summary>Durations in the format of Go: decimal numbers with a unit (1m30s, 500ms, 1.5h).</summary>
internal static class GoDuration
{
    private static readonly (string Unit, double Seconds)[] s_units =
    [
        ("ms", 0.001),
        ("us", 0.000001),
        ("h", 3600),
        ("m", 60),
        ("s", 1),
    ];

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text == "0")
        {
            return true;
        }

        var seconds = 0.0;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
            {
                digits++;
            }

            const NumberStyles style = NumberStyles.AllowDecimalPoint;
            if (
                !double.TryParse(rest[..digits], style, CultureInfo.InvariantCulture, out var number)
                || !TryUnit(rest[digits..], out var unit, out var length)
            )
            {
                return false;
            }

            seconds += number * unit;
            rest = rest[(digits + length)..];
        }

        // Limited to a hundred years, which cannot overflow.
        if (text.Length == 0 || seconds > 3_155_760_000)
        {
            return false;
        }

        value = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>The shortest text of a duration.</summary>
    public static string ToText(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
        {
            return time == TimeSpan.Zero
                ? "0"
                : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###}ms");
        }

        var hours = time.Ticks / TimeSpan.TicksPerHour;
        return (hours > 0 ? $"{hours}h" : "")
            + (time.Minutes > 0 ? $"{time.Minutes}m" : "")
            + (
                time.Seconds > 0 || time.Milliseconds > 0
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{time.Seconds + (time.Milliseconds / 1000.0):0.###}s"
                    )
                    : ""
            );
    }

    private static bool TryUnit(ReadOnlySpan<char> text, out double seconds, out int length)
    {
        foreach (var (unit, value) in s_units)
        {
            if (text.StartsWith(unit, StringComparison.Ordinal))
            {
                (seconds, length) = (value, unit.Length);
                return true;
            }
        }

        (seconds, length) = (0, 0);
        return false;
    }
}
