using System.Globalization;

namespace Podfence.Bench;

/// <summary>A page of metrics in Prometheus' text form.</summary>
internal sealed class MetricsPage
{
    private readonly List<(string Name, string Labels, double Value)> _lines = [];

    public MetricsPage(string text)
    {
        foreach (var line in text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#'))
        {
            var brace = line.IndexOf('{', StringComparison.Ordinal);
            var close = line.LastIndexOf('}');
            var (name, labels, rest) =
                brace < 0
                    ? (
                        line[..line.IndexOf(' ', StringComparison.Ordinal)],
                        "",
                        line[line.IndexOf(' ', StringComparison.Ordinal)..]
                    )
                    : (line[..brace], line[brace..close], line[(close + 1)..]);
            var value = rest.Trim().Split(' ')[0];
            _lines.Add(
                (
                    name,
                    labels,
                    value.EndsWith("Inf", StringComparison.Ordinal)
                        ? double.PositiveInfinity
                        : double.Parse(value, CultureInfo.InvariantCulture)
                )
            );
        }
    }

    /// <summary>The sum of all series of a name.</summary>
    public double Sum(string name) => _lines.Where(line => line.Name == name).Sum(static line => line.Value);

    /// <summary>
    /// How many observations of a histogram since another page are at most a bound, which has to be one of its own.
    /// </summary>
    public (double Within, double All) Since(MetricsPage before, string histogram, string bound)
    {
        double At(MetricsPage page, string le) =>
            page
                ._lines.Where(line =>
                    line.Name == $"{histogram}_bucket" && line.Labels.Contains($"le=\"{le}\"", StringComparison.Ordinal)
                )
                .Sum(static line => line.Value);
        return (At(this, bound) - At(before, bound), At(this, "+Inf") - At(before, "+Inf"));
    }
}
