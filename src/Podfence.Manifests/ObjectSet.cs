using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Objects read from files or from a live cluster, and all problems found. Objects with errors are left out.
/// </summary>
public sealed record ObjectSet
{
    /// <summary>All objects in the order of the files, then the namespaces that are only referred to.</summary>
    public required IReadOnlyList<ClusterObject> Objects { get; init; }

    /// <summary>The pods, in the order of the files.</summary>
    public IReadOnlyList<Pod> Pods =>
        [.. Objects.Where(static item => item.Pod is not null).Select(static item => item.Pod!)];

    /// <summary>The namespaces, in the order of the files, then those that are only referred to.</summary>
    public IReadOnlyList<Namespace> Namespaces =>
        [.. Objects.Where(static item => item.Namespace is not null).Select(static item => item.Namespace!)];

    /// <summary>The nodes, in the order of the files.</summary>
    public IReadOnlyList<Node> Nodes =>
        [.. Objects.Where(static item => item.Node is not null).Select(static item => item.Node!)];

    /// <summary>The policies, in the order of the files.</summary>
    public IReadOnlyList<NetworkPolicy> Policies =>
        [.. Objects.Where(static item => item.Policy is not null).Select(static item => item.Policy!)];

    /// <summary>
    /// The workloads, in the order of the files. They are not endpoints themselves; see <see cref="Workload"/>.
    /// </summary>
    public IReadOnlyList<Workload> Workloads { get; init; } = [];

    /// <summary>All problems found, in the order of files and lines.</summary>
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>
    /// How many objects of each kind were skipped because policy does not need them. The key is <c>apiVersion/Kind</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, int> IgnoredKinds { get; init; }

    /// <summary>
    /// Namespaces that pods or policies are in but that no file defines; they are among <see cref="Namespaces"/>.
    /// </summary>
    public required IReadOnlyList<string> ImpliedNamespaces { get; init; }

    /// <summary>The policies and namespaces as written in their files, to find the line of a field.</summary>
    public IReadOnlyDictionary<ObjectReference, ObjectSource> ObjectSources { get; init; } =
        new Dictionary<ObjectReference, ObjectSource>();

    /// <summary>
    /// The annotations <see cref="LintAnnotations.Ignore"/> of policies and namespaces, for lint alone.
    /// </summary>
    public IReadOnlyDictionary<ObjectReference, string> LintIgnores { get; init; } =
        new Dictionary<ObjectReference, string>();

    /// <summary>Whether anything was left out.</summary>
    public bool HasErrors => Diagnostics.Any(static found => found.IsError);

    /// <summary>The objects of a live cluster. Addresses that two of them have are added to the diagnostics.</summary>
    public static ObjectSet FromApi(
        IReadOnlyList<ClusterObject> objects,
        IReadOnlyList<Workload> workloads,
        IReadOnlyList<Diagnostic> diagnostics
    ) =>
        new()
        {
            Objects = objects,
            Workloads = workloads,
            Diagnostics = [.. diagnostics, .. AddressClashes.Find(objects)],
            IgnoredKinds = new Dictionary<string, int>(),
            ImpliedNamespaces = [],
        };

    /// <summary>
    /// Adds all objects to a state: namespaces and nodes first, because pods and policies refer to them.
    /// </summary>
    public void UpsertInto(ClusterState state)
    {
        foreach (
            var item in Objects.OrderBy(static item =>
                item switch
                {
                    { Namespace: not null } => 0,
                    { Node: not null } => 1,
                    { Pod: not null } => 2,
                    _ => 3,
                }
            )
        )
        {
            state.Upsert(item);
        }
    }

    /// <summary>A state with exactly these objects.</summary>
    public ClusterState ToClusterState()
    {
        var state = new ClusterState();
        UpsertInto(state);
        return state;
    }
}
