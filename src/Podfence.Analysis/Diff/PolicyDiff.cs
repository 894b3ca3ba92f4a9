using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>How connections changed, the worst first.</summary>
public enum DiffKind
{
    /// <summary>Some are allowed that were not, and none is denied that was not.</summary>
    Opened,

    /// <summary>Some are allowed that were not, and others are denied that were not.</summary>
    Changed,

    /// <summary>Some are denied that were not.</summary>
    Closed,
}

/// <summary>How the connections from one group to another changed.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The destination.</param>
/// <param name="Kind">How they changed.</param>
/// <param name="Opened">The ports that are open now and were not; possibly of some endpoints or families only.</param>
/// <param name="Closed">The ports that were open and are not now.</param>
public sealed record DiffLine(MatrixGroup From, MatrixGroup To, DiffKind Kind, MatrixCell Opened, MatrixCell Closed)
{
    /// <summary>Whether one endpoint is external.</summary>
    public bool IsExternal => From.Kind == GroupKind.External || To.Kind == GroupKind.External;
}

/// <summary>The difference between two sets of policies, for the same connections.</summary>
/// <param name="Lines">What differs, the worst first.</param>
/// <param name="Policies">The policies that differ, by name.</param>
/// <param name="OnlyBefore">Pods and workloads that were removed: their connections are not compared.</param>
/// <param name="OnlyAfter">Pods and workloads that were added: their connections are not compared.</param>
public sealed record PolicyDiff(
    IReadOnlyList<DiffLine> Lines,
    IReadOnlyList<PolicyEdit> Policies,
    IReadOnlyList<string> OnlyBefore,
    IReadOnlyList<string> OnlyAfter
)
{
    /// <summary>Whether every connection is judged as before.</summary>
    public bool IsSame => Lines.Count == 0;

    /// <summary>Whether anything is allowed that was not.</summary>
    public bool HasOpened => Lines.Any(static line => line.Kind != DiffKind.Closed);

    /// <summary>Compares two clusters.</summary>
    /// <param name="before">The first.</param>
    /// <param name="after">The second. Its pods, nodes and groups are matched with those of the first.</param>
    /// <param name="options">How pods are grouped, and which connections are in scope. Its external parts and exposure
    /// are ignored.</param>
    /// <param name="progress">Receives the number of finished rows and of all rows; may be null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static PolicyDiff Of(
        Cluster before,
        Cluster after,
        MatrixOptions? options = null,
        Action<int, int>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var (was, now) = (ReachClasses.Of(before.State), ReachClasses.Of(after.State));
        options = (options ?? new()) with
        {
            Exposure = false,
            External = ExternalParts.Cut([was, now], [before.State, after.State]),
        };
        var counterparts = new EndpointMatcher(before.State);
        // Both before the first row: a row covers all classes.
        var opened = ReachMatrix.Of(after, options, new DiffClasses(was, now, counterparts.Of, opened: true));
        var closed = ReachMatrix.Of(after, options, new DiffClasses(was, now, counterparts.Of, opened: false));
        var lines = new List<DiffLine>();
        for (var from = 0; from < opened.Groups.Count; from++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (more, less) = (opened.Row(from), closed.Row(from));
            lines.AddRange(
                Enumerable
                    .Range(0, more.Count)
                    .Select(to => Line(opened.Groups[from], opened.Groups[to], more[to], less[to]))
                    .OfType<DiffLine>()
            );
            progress?.Invoke(from + 1, opened.Groups.Count);
        }

        var (groupsBefore, groupsAfter) = (GroupsOf(before.State, options), GroupsOf(after.State, options));
        return new(
            [.. lines.OrderBy(static line => line.Kind).ThenBy(static line => line.IsExternal ? 0 : 1)],
            PolicyEdit.Between(before.State, after.State),
            [.. groupsBefore.Except(groupsAfter)],
            [.. groupsAfter.Except(groupsBefore)]
        );
    }

    private static DiffLine? Line(MatrixGroup from, MatrixGroup to, MatrixCell opened, MatrixCell closed)
    {
        var (more, less) = (!opened.Some.IsEmpty, !closed.Some.IsEmpty);
        return more || less
            ? new(
                from,
                to,
                more
                    ? less
                        ? DiffKind.Changed
                        : DiffKind.Opened
                    : DiffKind.Closed,
                opened,
                closed
            )
            : null;
    }

    private static SortedSet<string> GroupsOf(ClusterState state, MatrixOptions options) =>
        new(
            state
                .Pods.Where(pod =>
                    pod.IsEndpoint && (options.Namespace is null || options.Namespace == pod.Key.Namespace)
                )
                .Select(Cluster.GroupOf),
            StringComparer.Ordinal
        );
}
