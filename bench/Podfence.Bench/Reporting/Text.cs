namespace Podfence.Bench;

/// <summary>Numbers as the tables print them.</summary>
internal static class Text
{
    public static string Ratio(Samples samples) => $"**{samples.Median:0.000}** ({samples.Spread.Low:0.000} – {samples.Spread.High:0.000})";

    public static string Count(double value) => value.ToString("#,0");

    public static string Microseconds(double seconds) => (seconds * 1e6) switch
    {
        < 10 and var small => $"{small:0.0} µs",
        < 10_000 and var some => $"{some:0} µs",
        var many => $"{many / 1e3:0.0} ms",
    };

    public static string Bytes(double value) => value switch
    {
        < 10_000 => $"{value:0} B",
        < 1e6 => $"{value / 1e3:0.0} kB",
        _ => $"{value / 1e6:0.0} MB",
    };

    /// <summary>With the middle half.</summary>
    public static string Milliseconds(Samples samples) => samples.Median < 100 ? Spread(samples, "0.0", "ms") : Spread(samples, "#,0", "ms");

    /// <summary>With the middle half.</summary>
    public static string Mebibytes(Samples samples) => Spread(samples, "0.0", "MiB");

    public static string Judged(Aim? aim, double value) => aim is null ? "" : $"{aim}: {(aim.IsMet(value) ? "met" : "**missed**")}";

    private static string Spread(Samples samples, string format, string unit) =>
        samples.Count > 1 ? $"{samples.Median.ToString(format)} {unit} ({samples.Spread.Low.ToString(format)} – {samples.Spread.High.ToString(format)})" : $"{samples.Median.ToString(format)} {unit}";
}
