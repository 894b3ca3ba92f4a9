namespace Podfence.Bench;

/// <summary>What one benchmark found, for people and for programs.</summary>
internal sealed record Section(string Id, string Title)
{
    /// <summary>What the figures mean and how they were measured.</summary>
    public required string Text { get; init; }

    public List<Table> Tables { get; } = [];

    public List<Figure> Figures { get; } = [];

    public List<Picture> Pictures { get; } = [];

    /// <summary>One that something was missing for.</summary>
    public static Section NotMeasured(string id, string title, string why)
    {
        Console.Error.Write($"not measured: {why} ... ");
        return new Section(id, title) { Text = $"Not measured in this run: {why}." };
    }
}

/// <summary>A table of a section; cells are text, because each column has its own unit.</summary>
internal sealed record Table(IReadOnlyList<string> Columns)
{
    public List<IReadOnlyList<string>> Rows { get; } = [];

    public void Add(params string[] cells) => Rows.Add(cells);
}

/// <summary>A picture of a section.</summary>
/// <param name="Name">Of the file, without a folder.</param>
/// <param name="Description">What is to be seen, for those who do not see it.</param>
/// <param name="Svg">The picture.</param>
internal sealed record Picture(string Name, string Description, string Svg);

/// <summary>One number.</summary>
/// <param name="Id">Stable, for comparison between runs.</param>
/// <param name="Name">For people.</param>
/// <param name="Value">The median.</param>
/// <param name="Low">A quarter of the samples is below.</param>
/// <param name="High">A quarter of the samples is above.</param>
/// <param name="Unit">Empty for ratios.</param>
/// <param name="Aim">What was aimed at, or null.</param>
internal sealed record Figure(
    string Id,
    string Name,
    double Value,
    double Low,
    double High,
    string Unit,
    Aim? Aim = null
)
{
    public static Figure Of(string id, string name, Samples samples, string unit, Aim? aim = null) =>
        new(id, name, samples.Median, samples.Spread.Low, samples.Spread.High, unit, aim);
}

/// <summary>A bound that a figure is held against. Benchmarks tell, they do not fail.</summary>
/// <param name="Value">The bound.</param>
/// <param name="IsMost">Whether less is better.</param>
/// <param name="Hope">A better value that would be welcome, or null.</param>
internal sealed record Aim(double Value, bool IsMost = false, double? Hope = null)
{
    public static Aim Least(double value, double? hope = null) => new(value, Hope: hope);

    public static Aim Most(double value) => new(value, IsMost: true);

    public bool IsMet(double measured) => IsMost ? measured <= Value : measured >= Value;

    public override string ToString() =>
        $"{(IsMost ? "at most" : "at least")} {Value:0.##}{(Hope is { } hope ? $" (hope {hope:0.##})" : "")}";
}
