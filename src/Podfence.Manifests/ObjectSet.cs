using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>What a set of files says, and everything that is wrong with it. Objects with errors are left out.</summary>
public sealed record ObjectSet
{
    /// <summary>All objects in the order of the files, and after them the namespaces that are only mentioned.</summary>
    public required IReadOnlyList<ClusterObject> Objects { get; init; }

    /// <summary>The pods, in the order of the files.</summary>
    public IReadOnlyList<Pod> Pods => [.. Objects.Where(static item => item.Pod is not null).Select(static item => item.Pod!)];

    /// <summary>The namespaces, in the order of the files, then those that are only mentioned.</summary>
    public IReadOnlyList<Namespace> Namespaces => [.. Objects.Where(static item => item.Namespace is not null).Select(static item => item.Namespace!)];

    /// <summary>The nodes, in the order of the files.</summary>
    public IReadOnlyList<Node> Nodes => [.. Objects.Where(static item => item.Node is not null).Select(static item => item.Node!)];

    /// <summary>The policies, in the order of the files.</summary>
    public IReadOnlyList<NetworkPolicy> Policies => [.. Objects.Where(static item => item.Policy is not null).Select(static item => item.Policy!)];

    /// <summary>The workloads, in the order of the files. They are no objects of the cluster's network; see <see cref="Workload"/>.</summary>
    public IReadOnlyList<Workload> Workloads { get; init; } = [];

    /// <summary>Everything that is wrong, in the order of files and lines.</summary>
    public required IReadOnlyList<Diagnostic> Faults { get; init; }

    /// <summary>How many objects of each kind were passed over because policy does not need them. The key is <c>apiVersion/Kind</c>.</summary>
    public required IReadOnlyDictionary<string, int> Ignored { get; init; }

    /// <summary>Namespaces that pods or policies are in but that no file defines; they are among <see cref="Namespaces"/>.</summary>
    public required IReadOnlyList<string> ImpliedNamespaces { get; init; }

    /// <summary>The policies and namespaces as they are written, for those who have to point at a field.</summary>
    public IReadOnlyDictionary<ObjectReference, ObjectText> Texts { get; init; } = new Dictionary<ObjectReference, ObjectText>();

    /// <summary>The annotations <see cref="LintAnnotations.Ignore"/> of policies and namespaces, for lint alone.</summary>
    public IReadOnlyDictionary<ObjectReference, string> LintIgnores { get; init; } = new Dictionary<ObjectReference, string>();

    /// <summary>Whether anything was left out.</summary>
    public bool HasErrors => Faults.Any(static fault => fault.IsError);

    /// <summary>The objects of a live cluster, which mention nothing that is not there; addresses that two of them state are added to the faults.</summary>
    public static ObjectSet OfApi(IReadOnlyList<ClusterObject> objects, IReadOnlyList<Workload> workloads, IReadOnlyList<Diagnostic> faults) => new()
    {
        Objects = objects,
        Workloads = workloads,
        Faults = [.. faults, .. AddressClashes.Find(objects)],
        Ignored = new Dictionary<string, int>(),
        ImpliedNamespaces = [],
    };

    /// <summary>Puts all objects into a state: namespaces and nodes first, so that pods and policies find theirs.</summary>
    public void UpsertInto(ClusterState state)
    {
        foreach (var item in Objects.OrderBy(static item => item.Namespace is not null ? 0 : item.Node is not null ? 1 : item.Pod is not null ? 2 : 3))
        {
            state.Upsert(item);
        }
    }

    /// <summary>A state that holds just these objects.</summary>
    public ClusterState ToClusterState()
    {
        var state = new ClusterState();
        UpsertInto(state);
        return state;
    }
}
