using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>A matrix to write, with its notes.</summary>
internal sealed class MatrixReport(Cluster cluster, MatrixOptions options, CancellationToken cancel)
{
    /// <summary>The cluster.</summary>
    public Cluster Cluster { get; } = cluster;

    /// <summary>The options.</summary>
    public MatrixOptions Options { get; } = options;

    /// <summary>The matrix.</summary>
    public ReachMatrix Matrix { get; } = ReachMatrix.Of(cluster, options);

    /// <summary>Notes that the reader needs.</summary>
    public IReadOnlyList<string> Notes { get; } = [.. NotesOf(cluster, options)];

    /// <summary>The groups by number.</summary>
    public IReadOnlyList<MatrixGroup> Groups => Matrix.Groups;

    /// <summary>A row; checks for cancellation, because there may be many.</summary>
    public IReadOnlyList<MatrixCell> Row(int from)
    {
        cancel.ThrowIfCancellationRequested();
        return Matrix.Row(from);
    }

    /// <summary>Every pair that has something to connect, row by row.</summary>
    public IEnumerable<(MatrixGroup From, MatrixGroup To, MatrixCell Cell)> Pairs()
    {
        for (var from = 0; from < Groups.Count; from++)
        {
            var row = Row(from);
            for (var to = 0; to < row.Count; to++)
            {
                if (!row[to].IsNothing)
                {
                    yield return (Groups[from], Groups[to], row[to]);
                }
            }
        }
    }

    /// <summary>The same by namespaces, where there are more groups than a graph can show.</summary>
    public MatrixReport ForGraph(int most) =>
        Groups.Count > most && Options.GroupBy != GroupBy.Namespace
            ? new(Cluster, Options with { GroupBy = GroupBy.Namespace, LabelKey = null }, cancel)
            : this;

    /// <summary>The matrix as a graph.</summary>
    public MatrixGraph Graph() => MatrixGraph.Of(Matrix, cancel);

    /// <summary>The plural noun for the rows.</summary>
    public string GroupWord =>
        Options.GroupBy switch
        {
            GroupBy.Namespace => "namespaces",
            GroupBy.Pod => "pods",
            GroupBy.Label => $"values of {Options.LabelKey}",
            _ => "workloads",
        };

    private static IEnumerable<string> NotesOf(Cluster cluster, MatrixOptions options)
    {
        var blocks = cluster
            .State.Policies.SelectMany(static policy =>
                policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress))
            )
            .SelectMany(static rule => rule.Peers)
            .OfType<IpBlockPeer>()
            .Any(static block => block.Cidr.PrefixLength > 0 || !block.Except.IsEmpty);
        if (blocks && cluster.State.Pods.Any(pod => pod.IsEndpoint && pod.Addresses.Any(cluster.IsPlaceholder)))
        {
            yield return "Some pods have no IP in the input. Whether an ipBlock matches them depends on that IP "
                + "(assumed: one from the pod network).";
        }

        if (
            cluster.State.Pods.Any(static pod => pod is { HostNetwork: true, Finished: false })
            && options.GroupBy != GroupBy.Namespace
        )
        {
            yield return "A host-network pod is indistinguishable from its node: policies do not apply to it, and "
                + "it always reaches the pods of its node.";
        }
    }
}

/// <summary>Names of groups within their namespace.</summary>
internal static class GroupNames
{
    /// <summary>The name without the namespace before it.</summary>
    public static string LocalName(this MatrixGroup group) =>
        group.Namespace is { } home && group.Name.StartsWith(home + "/", StringComparison.Ordinal)
            ? group.Name[(home.Length + 1)..]
            : group.Name;
}
