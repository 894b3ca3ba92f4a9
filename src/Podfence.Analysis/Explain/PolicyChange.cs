using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One change to one policy's text.</summary>
/// <param name="Policy">The policy as it is.</param>
/// <param name="Direction">Whose rules are changed.</param>
/// <param name="Field">The list that gets an item: <c>spec.ingress[0].from</c>.</param>
/// <param name="Line">Where the list, or what is nearest to it, stands; 0 where unknown.</param>
/// <param name="Item">The item to add, in YAML.</param>
/// <param name="After">The policy as it will be.</param>
/// <param name="AlsoOpens">Whom or what the change opens beside what was asked for, in words; null where it opens nothing else.</param>
public sealed record PolicyChange(NetworkPolicy Policy, Direction Direction, string Field, int Line, string Item, NetworkPolicy After, string? AlsoOpens)
{
    /// <summary>Where to make the change.</summary>
    public SourceLocation Location => Policy.Location with { Line = Line > 0 ? Line : Policy.Location.Line };
}
