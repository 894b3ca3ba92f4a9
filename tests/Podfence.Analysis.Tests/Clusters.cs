using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

/// <summary>Clusters from YAML, and short questions to them.</summary>
internal static class Clusters
{
    /// <summary>The folder of the solution, independent of the current folder.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>A cluster of manifests without a fault.</summary>
    public static Cluster Of(string yaml)
    {
        var manifests = ManifestReader.ReadText(yaml, "c.yaml");
        Assert.Empty(manifests.Diagnostics);
        return Cluster.Complete(ManifestSource.Of(manifests));
    }

    /// <summary>The flows of one expectation, which must be some.</summary>
    public static IReadOnlyList<ExpectedFlow> Flows(
        Cluster cluster,
        string from,
        string to,
        int port,
        Protocol protocol = Protocol.Tcp
    )
    {
        var (flows, faults) = new[]
        {
            new Expectation
            {
                From = Pattern(from),
                To = Pattern(to),
                Port = port,
                Protocol = protocol,
                Verdict = ExpectedVerdict.Allow,
            },
        }.Expand(cluster.State);
        Assert.Empty(faults);
        return flows;
    }

    /// <summary>The only explanation of flows that are all alike.</summary>
    public static FlowExplanation Explain(
        Cluster cluster,
        string from,
        string to,
        int port,
        Protocol protocol = Protocol.Tcp
    ) => Assert.Single(FlowExplainer.Explain(cluster, Flows(cluster, from, to, port, protocol)));

    /// <summary>A state of its own with the same objects.</summary>
    public static ClusterState Copy(ClusterState state)
    {
        var copy = new ClusterState();
        foreach (
            var item in state
                .Namespaces.Values.Select(ClusterObject.Of)
                .Concat(state.Nodes.Values.Select(ClusterObject.Of))
                .Concat(state.Pods.Select(ClusterObject.Of))
                .Concat(state.Policies.Select(ClusterObject.Of))
        )
        {
            copy.Upsert(item);
        }

        return copy;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Podfence.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder.FullName;
    }

    private static EndPattern Pattern(string text) =>
        EndPatternText.TryParse(text, out var pattern, out var fault)
            ? pattern!
            : throw new ArgumentException(fault, nameof(text));
}
