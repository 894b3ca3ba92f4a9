using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>What is open from one group to another.</summary>
/// <param name="Flows">One item for equal families, else one for each family; empty if there are no two endpoints, or
/// policies do not apply.</param>
public sealed record MatrixCell(EquatableArray<CellFlow> Flows)
{
    /// <summary>A cell without connections.</summary>
    public static MatrixCell Nothing { get; } = new(default(EquatableArray<CellFlow>));

    /// <summary>Whether there are no connections.</summary>
    public bool IsNothing => Flows.IsEmpty;

    /// <summary>What is open in some family between some endpoints.</summary>
    public PortSet Some => PortSet.Union([.. Flows.Select(static flow => flow.Some)]);

    /// <summary>What is open in every family between all endpoints; nothing where there are no connections.</summary>
    public PortSet Every =>
        Flows.IsEmpty
            ? PortSet.None
            : Flows.Select(static flow => flow.Every).Aggregate(static (all, one) => all.Intersect(one));

    /// <summary>Whether all endpoints and families are equal.</summary>
    public bool IsUniform => Flows is [{ IsUniform: true }];

    /// <summary>
    /// <c>80/TCP</c>; for some endpoints only <c>80/TCP, between some 443/TCP</c>; where families differ, each with its
    /// name before it.
    /// </summary>
    public override string ToString() =>
        Flows.Count switch
        {
            0 => "",
            1 => Flows[0].ToString(),
            _ => string.Join("; ", Flows.Select(static flow => $"{string.Join(" and ", flow.Families)}: {flow}")),
        };
}

/// <summary>What is open in families that are equal.</summary>
/// <param name="Families">The families, IPv4 first.</param>
/// <param name="Every">The ports that are open between every two endpoints.</param>
/// <param name="Some">The ports that are open between some two endpoints; the same if all are equal.</param>
public sealed record CellFlow(EquatableArray<IpFamily> Families, PortSet Every, PortSet Some)
{
    /// <summary>Whether all endpoints are equal.</summary>
    public bool IsUniform => Every.Equals(Some);

    /// <summary>What is open between some endpoints only; everything where some have that.</summary>
    public PortSet More => Some.IsAll && !IsUniform ? Some : Some.Except(Every);

    /// <inheritdoc/>
    public override string ToString() =>
        IsUniform ? Every.ToString()
        : Every.IsEmpty ? $"between some {More}"
        : $"{Every}, between some {More}";
}
