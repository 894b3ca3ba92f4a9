using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Groups that reach the same, and what that is.</summary>
/// <param name="From">Their names.</param>
/// <param name="Lines">The destinations by set of ports, open ones first.</param>
internal sealed record DigestEntry(IReadOnlyList<string> From, IReadOnlyList<DigestLine> Lines);

/// <summary>Groups that are reached on the same ports.</summary>
/// <param name="Ports">The ports in words.</param>
/// <param name="Cell">One of the cells.</param>
/// <param name="To">The names of the groups.</param>
internal sealed record DigestLine(string Ports, MatrixCell Cell, IReadOnlyList<string> To);

/// <summary>
/// A matrix as a list: adjacent groups that reach the same are one entry, and all groups of a namespace are one name.
/// </summary>
internal sealed class MatrixDigest
{
    private readonly IReadOnlyList<MatrixGroup> _groups;
    private readonly Dictionary<string, int> _sizes;

    private MatrixDigest(IReadOnlyList<MatrixGroup> groups)
    {
        _groups = groups;
        _sizes = groups
            .Select(HomeOf)
            .OfType<string>()
            .CountBy(static home => home, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>The entries, computed as they are asked for.</summary>
    /// <param name="report">The matrix.</param>
    /// <param name="visit">Receives every row.</param>
    public static IEnumerable<DigestEntry> Of(MatrixReport report, Action<IReadOnlyList<MatrixCell>>? visit = null)
    {
        var digest = new MatrixDigest(report.Groups);
        var sources = new List<int>();
        var pending = new List<DigestLine>();
        for (var from = 0; from < report.Groups.Count; from++)
        {
            var row = report.Row(from);
            visit?.Invoke(row);
            var lines = digest.Lines(from, row);
            if (sources.Count > 0 && !AreSame(lines, pending))
            {
                yield return new(digest.Names(sources, null), pending);
                sources.Clear();
            }

            pending = lines;
            if (lines.Count > 0)
            {
                sources.Add(from);
            }
        }

        if (sources.Count > 0)
        {
            yield return new(digest.Names(sources, null), pending);
        }
    }

    private static bool AreSame(List<DigestLine> lines, List<DigestLine> others) =>
        lines.Count == others.Count
        && lines
            .Zip(others)
            .All(static pair =>
                pair.First.Ports == pair.Second.Ports
                && pair.First.To.SequenceEqual(pair.Second.To, StringComparer.Ordinal)
            );

    private List<DigestLine> Lines(int from, IReadOnlyList<MatrixCell> row) =>
        [
            .. Enumerable
                .Range(0, row.Count)
                .Where(to => !row[to].IsNothing)
                .GroupBy(to => row[to].ToString(), StringComparer.Ordinal)
                .OrderBy(same => row[same.First()].Some.IsEmpty)
                .ThenByDescending(static same => same.Count())
                .ThenBy(static same => same.First())
                .Select(same => new DigestLine(
                    same.Key,
                    row[same.First()],
                    Names([.. same], row[from].IsNothing ? from : null)
                )),
        ];

    /// <summary>The names; a namespace that only lacks the source itself counts as a whole.</summary>
    private List<string> Names(List<int> numbers, int? asking)
    {
        var there = numbers
            .Select(number => HomeOf(_groups[number]))
            .OfType<string>()
            .CountBy(static home => home, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        if (asking is { } self && HomeOf(_groups[self]) is { } own && there.TryGetValue(own, out var count))
        {
            there[own] = count + 1;
        }

        var names = new List<string>();
        var whole = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in numbers.Select(number => _groups[number]))
        {
            if (HomeOf(group) is not { } home || _sizes[home] < 3 || there[home] < _sizes[home])
            {
                names.Add(group.Name);
            }
            else if (whole.Add(home))
            {
                names.Add($"all of {home}");
            }
        }

        return names;
    }

    private static string? HomeOf(MatrixGroup group) =>
        group.Kind == GroupKind.Pods && group.Namespace != group.Name ? group.Namespace : null;
}
