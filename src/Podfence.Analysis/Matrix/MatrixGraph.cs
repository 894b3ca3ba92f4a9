using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// A matrix as a readable graph. Connections that no policy restricts at either end are left out. Sources that reach a
/// group on the same ports
/// are merged if they are a whole namespace, all pods or all sources, and if several of them reach several groups
/// together.
/// </summary>
/// <param name="Groups">The groups.</param>
/// <param name="Sources">The sources of edges: the widest first, then by group.</param>
/// <param name="Edges">The connections, by destination and then in the order of the ports' coming.</param>
public sealed record MatrixGraph(
    IReadOnlyList<MatrixGroup> Groups,
    IReadOnlyList<GraphSource> Sources,
    IReadOnlyList<GraphEdge> Edges
)
{
    private const int MinMerged = 3;

    /// <summary>Reads the whole matrix.</summary>
    public static MatrixGraph Of(ReachMatrix matrix, CancellationToken cancellationToken)
    {
        var groups = matrix.Groups;
        var rows = new IReadOnlyList<MatrixCell>[groups.Count];
        for (var from = 0; from < rows.Length; from++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows[from] = matrix.Row(from);
        }

        var edges = MergeRecurring([.. Enumerable.Range(0, groups.Count).SelectMany(to => EdgesTo(groups, rows, to))]);
        var sources = edges
            .Select(static edge => edge.From)
            .Distinct()
            .OrderBy(static source => source.Kind)
            .ThenBy(static source => source.Number)
            .ToList();
        return new(groups, sources, edges);
    }

    /// <summary>Whether the group's own policies deny nothing.</summary>
    public static bool IsOpen(MatrixGroup group) => group.Ingress == Isolation.None;

    private static IEnumerable<GraphEdge> EdgesTo(
        IReadOnlyList<MatrixGroup> groups,
        IReadOnlyList<MatrixCell>[] rows,
        int to
    )
    {
        var judged = Enumerable.Range(0, groups.Count).Where(from => !rows[from][to].IsNothing).ToList();
        return judged
            .Where(from =>
                !rows[from][to].Some.IsEmpty
                && (groups[from].Egress == Isolation.All || groups[to].Ingress != Isolation.None)
            )
            .GroupBy(from => rows[from][to].ToString(), StringComparer.Ordinal)
            .SelectMany(same =>
                Bundle(groups, [.. same], judged).Select(source => new GraphEdge(source, to, rows[same.First()][to]))
            );
    }

    /// <summary>Merges sources that occur together repeatedly.</summary>
    private static List<GraphEdge> MergeRecurring(List<GraphEdge> edges)
    {
        var bySet = edges
            .Where(static edge => edge.From.Kind == SourceKind.Group)
            .GroupBy(static edge => (edge.To, Ports: edge.Cell.ToString()))
            .GroupBy(
                static same => string.Join(',', same.Select(static edge => edge.From.Number)),
                StringComparer.Ordinal
            )
            .Where(static uses => uses.Count() > 1 && uses.First().Count() >= MinMerged)
            .ToList();
        var replaced = new Dictionary<(int, string), GraphSource>();
        foreach (var uses in bySet)
        {
            var members = uses.First().Select(static edge => edge.From).ToList();
            var homes = members.Select(static member => member.Namespace).Distinct(StringComparer.Ordinal).ToList();
            var name = ListText.Join(members.Select(static member => member.Name), 2);
            var together = new GraphSource(
                SourceKind.Several,
                members[0].Number,
                name,
                homes is [var home] ? home : null
            )
            {
                Members = string.Join(", ", members.Select(static member => member.Name)),
            };
            foreach (var use in uses)
            {
                replaced[use.Key] = together;
            }
        }

        return
        [
            .. edges
                .Select(edge =>
                    edge.From.Kind == SourceKind.Group
                    && replaced.TryGetValue((edge.To, edge.Cell.ToString()), out var together)
                        ? edge with
                        {
                            From = together,
                        }
                        : edge
                )
                .Distinct(),
        ];
    }

    private static IEnumerable<GraphSource> Bundle(
        IReadOnlyList<MatrixGroup> groups,
        HashSet<int> sources,
        List<int> judged
    )
    {
        if (sources.Count == judged.Count && sources.Count > 1)
        {
            return [new(SourceKind.Everyone, 0, "all sources", null)];
        }

        var bundled = new List<GraphSource>();
        var pods = judged.Where(from => groups[from].Kind == GroupKind.Pods).ToList();
        if (pods.Count > 1 && pods.TrueForAll(sources.Contains))
        {
            bundled.Add(new(SourceKind.AllPods, 0, "all pods", null));
            sources.ExceptWith(pods);
        }

        foreach (
            var home in pods.Where(from => groups[from].Namespace is not null)
                .GroupBy(from => groups[from].Namespace!, StringComparer.Ordinal)
                .Where(home => home.Count() > 1 && home.All(sources.Contains))
        )
        {
            bundled.Add(new(SourceKind.Namespace, home.First(), home.Key, home.Key));
            sources.ExceptWith(home);
        }

        return bundled.Concat(
            sources
                .Order()
                .Select(from => new GraphSource(SourceKind.Group, from, groups[from].Name, groups[from].Namespace))
        );
    }
}

/// <summary>Where edges come from.</summary>
/// <param name="Kind">One group, or several merged ones.</param>
/// <param name="Number">The number of the group; of a namespace, of its first.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">The namespace, where it has one.</param>
public sealed record GraphSource(SourceKind Kind, int Number, string Name, string? Namespace)
{
    /// <summary>
    /// The names of all groups that it stands for, where they are several that nothing else has in common.
    /// </summary>
    public string? Members { get; init; }
}

/// <summary>How many groups a source is.</summary>
public enum SourceKind
{
    /// <summary>All of them.</summary>
    Everyone,

    /// <summary>All that are of pods.</summary>
    AllPods,

    /// <summary>Some that reach the same.</summary>
    Several,

    /// <summary>All of a namespace.</summary>
    Namespace,

    /// <summary>One.</summary>
    Group,
}

/// <summary>A connection.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The number of the destination's group.</param>
/// <param name="Cell">What is open.</param>
public sealed record GraphEdge(GraphSource From, int To, MatrixCell Cell);
