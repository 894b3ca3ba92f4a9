using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>What a source knows of a cluster, before placeholders are added.</summary>
/// <param name="State">The objects. The receiver may change the state.</param>
/// <param name="Workloads">The workloads; they stand for unknown pods.</param>
/// <param name="Diagnostics">The problems of the input. With an error nothing can be concluded.</param>
public sealed record ClusterInput(
    ClusterState State,
    IReadOnlyList<Workload> Workloads,
    IReadOnlyList<Diagnostic> Diagnostics
)
{
    /// <summary>
    /// The policies and namespaces as they are written. Empty for objects of an API server, in which defaults are
    /// filled in.
    /// </summary>
    public IReadOnlyDictionary<ObjectReference, ObjectSource> ObjectSources { get; init; } =
        new Dictionary<ObjectReference, ObjectSource>();

    /// <summary>The lint annotations of policies and namespaces.</summary>
    public IReadOnlyDictionary<ObjectReference, string> LintIgnores { get; init; } =
        new Dictionary<ObjectReference, string>();

    /// <summary>Namespaces that are in the state because objects mention them, so their labels are unknown.</summary>
    public IReadOnlyCollection<string> ImpliedNamespaces { get; init; } = [];

    /// <summary>Whether anything was left out.</summary>
    public bool HasErrors => Diagnostics.Any(static fault => fault.IsError);

    /// <summary>A copy with a state of its own.</summary>
    /// <param name="withPolicies">Whether the copy has the policies.</param>
    public ClusterInput Copy(bool withPolicies = true)
    {
        var state = new ClusterState();
        foreach (var space in State.Namespaces.Values)
        {
            state.Upsert(space);
        }

        foreach (var node in State.Nodes.Values)
        {
            state.Upsert(node);
        }

        foreach (var pod in State.Pods)
        {
            state.Upsert(pod);
        }

        foreach (var policy in withPolicies ? State.Policies : [])
        {
            state.Upsert(policy);
        }

        return this with
        {
            State = state,
        };
    }
}

/// <summary>Where a cluster is read from: files, or an API server.</summary>
public interface IClusterSource
{
    /// <summary>Reads every namespace, because policies select across namespaces.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The objects and their problems. A source that cannot be read throws.</returns>
    Task<ClusterInput> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Files, folders and standard input.</summary>
/// <param name="paths">The paths; <c>-</c> is standard input.</param>
/// <param name="options">How files are found.</param>
public sealed class ManifestSource(IReadOnlyList<string> paths, ManifestReaderOptions? options = null) : IClusterSource
{
    /// <inheritdoc/>
    public Task<ClusterInput> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Of(ManifestReader.ReadPaths(paths, options)));
    }

    /// <summary>The input of some manifests.</summary>
    public static ClusterInput Of(ObjectSet manifests) =>
        new(manifests.ToClusterState(), manifests.Workloads, manifests.Diagnostics)
        {
            ObjectSources = manifests.ObjectSources,
            LintIgnores = manifests.LintIgnores,
            ImpliedNamespaces = manifests.ImpliedNamespaces,
        };
}
