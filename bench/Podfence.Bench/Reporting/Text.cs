using System.Globalization;

namespace Podfence.Bench;

/// <summary>Numbers as the tables print them: with no digit that the spread of the rounds does not carry.</summary>
internal static class Text
{
    private const int Digits = 2;

    /// <summary>A ratio with the middle half of its rounds.</summary>
    public static string Ratio(Samples samples) =>
        $"**{samples.Median:0.00}** ({samples.Spread.Low:0.00} – {samples.Spread.High:0.00})";

    /// <summary>A count that is exact.</summary>
    public static string Count(double value) => value.ToString("#,0");

    /// <summary>A measured value, rounded to the digits that its spread carries.</summary>
    public static string Rounded(Samples samples) => Rounded(samples.Median, samples.Spread.Low, samples.Spread.High);

    /// <summary>
    /// A value of which half the samples lie between two others, rounded to the digits that this carries.
    /// </summary>
    public static string Rounded(double value, double low, double high)
    {
        var doubt = (high - low) / 2;
        if (value == 0 || !double.IsFinite(value) || doubt <= 0)
        {
            return Significant(value);
        }

        // Two or three digits, whatever the spread says.
        var magnitude = Magnitude(value);
        return ToPlace(value, Math.Clamp(Magnitude(doubt), magnitude - 2, magnitude - 1));
    }

    /// <summary>A value of one sample, in two digits.</summary>
    public static string Significant(double value) =>
        value == 0 || !double.IsFinite(value) ? "0" : ToPlace(value, Magnitude(value) - Digits + 1);

    public static string Microseconds(double seconds) => Seconds(seconds);

    public static string Seconds(double seconds) =>
        WithUnit(seconds, [(1e-3, 1e6, "µs"), (1, 1e3, "ms"), (double.MaxValue, 1, "s")]);

    public static string Bytes(double value) =>
        WithUnit(value, [(1e3, 1, "B"), (1e6, 1e-3, "kB"), (double.MaxValue, 1e-6, "MB")]);

    /// <summary>With the middle half.</summary>
    public static string Milliseconds(Samples samples) => Spread(samples, "ms");

    /// <summary>With the middle half.</summary>
    public static string Mebibytes(Samples samples) => Spread(samples, "MiB");

    public static string Judged(Aim? aim, double value) =>
        aim is null ? "" : $"{aim}: {(aim.IsMet(value) ? "met" : "**missed**")}";

    private static string Spread(Samples samples, string unit) =>
        samples.Count > 1
            ? $"{Rounded(samples)} {unit} ({Significant(samples.Spread.Low)} – {Significant(samples.Spread.High)})"
            : $"{Significant(samples.Median)} {unit}";

    private static string WithUnit(double value, ReadOnlySpan<(double Below, double Factor, string Unit)> units)
    {
        foreach (var (below, factor, unit) in units)
        {
            if (Math.Abs(value) < below)
            {
                return $"{Significant(value * factor)} {unit}";
            }
        }

        return Significant(value);
    }

    private static int Magnitude(double value) => (int)Math.Floor(Math.Log10(Math.Abs(value)));

    private static string ToPlace(double value, int place)
    {
        var step = Math.Pow(10, place);
        var rounded = Math.Round(value / step) * step;
        return rounded.ToString(place >= 0 ? "#,0" : $"0.{new string('0', -place)}", CultureInfo.InvariantCulture);
    }
}
