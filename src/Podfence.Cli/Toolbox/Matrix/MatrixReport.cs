using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>A matrix that is being written, and what is to be said beside it.</summary>
internal sealed class MatrixReport(Cluster cluster, MatrixOptions options, CancellationToken cancel)
{
    /// <summary>The cluster.</summary>
    public Cluster Cluster { get; } = cluster;

    /// <summary>What was asked for.</summary>
    public MatrixOptions Options { get; } = options;

    /// <summary>The answer.</summary>
    public ReachMatrix Matrix { get; } = ReachMatrix.Of(cluster, options);

    /// <summary>What a reader has to know to read it right.</summary>
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
        Groups.Count > most && Options.GroupBy != GroupBy.Namespace ? new(Cluster, Options with { GroupBy = GroupBy.Namespace, LabelKey = null }, cancel) : this;

    /// <summary>The matrix as a graph.</summary>
    public MatrixGraph Graph() => MatrixGraph.Of(Matrix, cancel);

    /// <summary>What the rows are, in a word.</summary>
    public string GroupWord => Options.GroupBy switch
    {
        GroupBy.Namespace => "namespaces",
        GroupBy.Pod => "pods",
        GroupBy.Label => $"values of {Options.LabelKey}",
        _ => "workloads",
    };

    private static IEnumerable<string> NotesOf(Cluster cluster, MatrixOptions options)
    {
        var blocks = cluster.State.Policies.SelectMany(static policy => policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress)))
            .SelectMany(static rule => rule.Peers).OfType<IpBlockPeer>().Any(static block => block.Cidr.PrefixLength > 0 || !block.Except.IsEmpty);
        if (blocks && cluster.State.Pods.Any(pod => pod.IsEndpoint && pod.Addresses.Any(cluster.IsInvented)))
        {
            yield return "The input states no address of some pods. Whether an ipBlock means them depends on the address they are given; here they are judged as ones of the pod network.";
        }

        if (cluster.State.Pods.Any(static pod => pod is { HostNetwork: true, Finished: false }) && options.GroupBy != GroupBy.Namespace)
        {
            yield return "A host-network pod cannot be told from its node: no policy fences it, and it reaches the pods of its node whatever they say.";
        }
    }
}

/// <summary>Names of groups where their namespace is said beside them.</summary>
internal static class GroupNames
{
    /// <summary>The name without the namespace before it.</summary>
    public static string LocalName(this MatrixGroup group) =>
        group.Namespace is { } home && group.Name.StartsWith(home + "/", StringComparison.Ordinal) ? group.Name[(home.Length + 1)..] : group.Name;
}
