namespace Podfence.Bench;

/// <summary>A run: what was measured, and where.</summary>
/// <param name="IsQuick">Whether it had fewer rounds.</param>
/// <param name="Machine">Where it was.</param>
/// <param name="Sections">What was measured.</param>
internal sealed record Report(bool IsQuick, Machine Machine, IReadOnlyList<Section> Sections)
{
    /// <summary>The figures by section and id, as in results.json.</summary>
    public IReadOnlyDictionary<string, Figure> Figures() =>
        Sections
            .SelectMany(static section =>
                section.Figures.Select(figure => (Id: $"{section.Id}/{figure.Id}", Figure: figure))
            )
            .DistinctBy(static pair => pair.Id)
            .ToDictionary(static pair => pair.Id, static pair => pair.Figure, StringComparer.Ordinal);
}
