using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One change to one policy's text.</summary>
/// <param name="Policy">The policy as it is.</param>
/// <param name="Direction">The direction of the rules that are changed.</param>
/// <param name="Field">The list that gets an item: <c>spec.ingress[0].from</c>.</param>
/// <param name="Line">The line of the list or of the nearest field; 0 if unknown.</param>
/// <param name="Item">The item to add, in YAML.</param>
/// <param name="After">The policy as it will be.</param>
/// <param name="AlsoOpens">What else the change opens; null if nothing.</param>
public sealed record PolicyChange(
    NetworkPolicy Policy,
    Direction Direction,
    string Field,
    int Line,
    string Item,
    NetworkPolicy After,
    string? AlsoOpens
)
{
    /// <summary>Where to make the change.</summary>
    public SourceLocation Location => Policy.Location with { Line = Line > 0 ? Line : Policy.Location.Line };
}
