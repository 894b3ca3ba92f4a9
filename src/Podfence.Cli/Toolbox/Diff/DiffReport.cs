using System.Globalization;
using Podfence.Analysis;
using Podfence.Base;

namespace Podfence.Cli;

/// <summary>A comparison, with the texts that all formats share.</summary>
/// <param name="Diff">The differences.</param>
/// <param name="PodsOf">Whose pods were compared.</param>
/// <param name="Names">What the sides are called.</param>
internal sealed record DiffReport(PolicyDiff Diff, PodsOf PodsOf, DiffNames Names)
{
    private const int MaxNames = 8;

    /// <summary><c>2 open, 1 changes, 3 close</c>, by pairs of groups.</summary>
    public string Sum
    {
        get
        {
            if (Diff.IsSame)
            {
                return "no connection opens, closes or changes";
            }

            var counts = new[]
            {
                (DiffKind.Opened, "opens", "open"),
                (DiffKind.Changed, "changes", "change"),
                (DiffKind.Closed, "closes", "close"),
            }
                .Select(kind =>
                    (Count: Diff.Lines.Count(line => line.Kind == kind.Item1), One: kind.Item2, Many: kind.Item3)
                )
                .Where(static kind => kind.Count > 0)
                .Select(static kind =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{kind.Count:N0} {(kind.Count == 1 ? kind.One : kind.Many)}"
                    )
                );
            return $"between pairs of workloads, {string.Join(", ", counts)}";
        }
    }

    /// <summary>Notes that the reader needs.</summary>
    public IEnumerable<string> Notes
    {
        get
        {
            if (PodsOf is PodsOf.Before or PodsOf.After)
            {
                var (has, lacks) = PodsOf == PodsOf.Before ? (Names.Before, Names.After) : (Names.After, Names.Before);
                yield return $"{lacks} has no pods or workloads; those of {has} are used for both sides";
            }

            if (Diff.OnlyBefore.Count > 0)
            {
                yield return $"removed, not compared: {Some(Diff.OnlyBefore)}";
            }

            if (Diff.OnlyAfter.Count > 0)
            {
                yield return $"added, not compared: {Some(Diff.OnlyAfter)}";
            }
        }
    }

    /// <summary>The ports of a cell that differ; families by name if they differ.</summary>
    public static string Ports(MatrixCell cell)
    {
        var flows = cell.Flows.Where(static flow => !flow.Some.IsEmpty).ToList();
        return flows.Count == cell.Flows.Count && flows.Count == 1
            ? flows[0].ToString()
            : string.Join("; ", flows.Select(static flow => $"{string.Join(" and ", flow.Families)}: {flow}"));
    }

    private static string Some(IReadOnlyList<string> names) => ListText.Join(names, MaxNames);
}
