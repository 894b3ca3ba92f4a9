using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>What a source knows of a cluster, before what it leaves open is filled in.</summary>
/// <param name="State">The objects. Whoever receives them may change the state.</param>
/// <param name="Workloads">The workloads; they stand for pods that are not known.</param>
/// <param name="Diagnostics">Everything that is wrong with what was read. With an error among them nothing can be concluded.</param>
public sealed record ClusterInput(ClusterState State, IReadOnlyList<Workload> Workloads, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>The policies and namespaces as they are written. Empty where the source has no text: objects of an API server have lost what was filled in.</summary>
    public IReadOnlyDictionary<ObjectReference, ObjectSource> ObjectSources { get; init; } = new Dictionary<ObjectReference, ObjectSource>();

    /// <summary>The lint annotations of policies and namespaces.</summary>
    public IReadOnlyDictionary<ObjectReference, string> LintIgnores { get; init; } = new Dictionary<ObjectReference, string>();

    /// <summary>Namespaces that are in the state because objects mention them, so that nothing is known of their labels.</summary>
    public IReadOnlyCollection<string> ImpliedNamespaces { get; init; } = [];

    /// <summary>Whether anything was left out.</summary>
    public bool HasErrors => Diagnostics.Any(static fault => fault.IsError);
}

/// <summary>Where a cluster is read from: files, or an API server.</summary>
public interface IClusterSource
{
    /// <summary>Reads the whole cluster, every namespace of it, because policies look across namespaces.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The objects with what is wrong in them. What keeps the source from being read at all is thrown.</returns>
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

    /// <summary>What manifests hold.</summary>
    public static ClusterInput Of(ObjectSet manifests) => new(manifests.ToClusterState(), manifests.Workloads, manifests.Diagnostics)
    {
        ObjectSources = manifests.ObjectSources,
        LintIgnores = manifests.LintIgnores,
        ImpliedNamespaces = manifests.ImpliedNamespaces,
    };
}
