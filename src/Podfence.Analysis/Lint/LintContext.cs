using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// What rules ask of a cluster. Files rarely hold all of it: what is not in the input is not known, and nothing is concluded from its absence.
/// Of the namespaces that every cluster has, files hold a part at best.
/// </summary>
internal sealed class LintContext
{
    private static readonly string[] s_systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    private readonly Dictionary<string, List<Pod>> _pods;
    private readonly ILookup<string, Pod> _hosted;
    private readonly ILookup<string, NetworkPolicy> _policies;
    private readonly HashSet<string> _implied;
    private readonly Dictionary<SelectorPeer, IReadOnlyList<Pod>> _meant = [];

    public LintContext(Cluster cluster)
    {
        Cluster = cluster;
        var pods = State.Pods.OrderBy(static pod => pod.Key).ToLookup(static pod => pod.HostNetwork);
        _pods = pods[false].GroupBy(static pod => pod.Key.Namespace, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.ToList(), StringComparer.Ordinal);
        _hosted = pods[true].ToLookup(static pod => pod.Key.Namespace, StringComparer.Ordinal);
        Policies = [.. State.Policies.OrderBy(static policy => policy.Location.File, StringComparer.Ordinal).ThenBy(static policy => policy.Location.Line).ThenBy(static policy => policy.Key)];
        _policies = Policies.OrderBy(static policy => policy.Key).ToLookup(static policy => policy.Key.Namespace, StringComparer.Ordinal);
        _implied = cluster.Input.ImpliedNamespaces.ToHashSet(StringComparer.Ordinal);
        Namespaces = [.. State.Namespaces.Values.Where(item => !_implied.Contains(item.Name)).OrderBy(static item => item.Name, StringComparer.Ordinal)];
    }

    /// <summary>The cluster.</summary>
    public Cluster Cluster { get; }

    /// <summary>Its state.</summary>
    public ClusterState State => Cluster.State;

    /// <summary>Every policy, in the order of files.</summary>
    public IReadOnlyList<NetworkPolicy> Policies { get; }

    /// <summary>The namespaces whose labels are known.</summary>
    public IReadOnlyList<Namespace> Namespaces { get; }

    /// <summary>Every rule in force.</summary>
    public IEnumerable<RuleAt> Rules => Policies.SelectMany(RuleAt.InForce);

    /// <summary>Whether a cluster has the namespace without anybody making it.</summary>
    public static bool IsOfEveryCluster(string @namespace) => s_systemNamespaces.Contains(@namespace, StringComparer.Ordinal);

    /// <summary>The name of a policy for findings.</summary>
    public static ObjectReference ReferenceTo(NetworkPolicy policy) => new(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name);

    /// <summary>The pods of a namespace that policies can fence or mean, those that have ended included: their like may come again.</summary>
    public IReadOnlyList<Pod> PodsIn(string @namespace) => _pods.GetValueOrDefault(@namespace) ?? [];

    /// <summary>Pods of the host network, which no policy can mean.</summary>
    public IEnumerable<Pod> HostPodsIn(string @namespace) => _hosted[@namespace];

    /// <summary>Whether the input says which pods a namespace has: it has some, and is not one of which files hold a part at best.</summary>
    public bool KnowsPodsOf(string @namespace) =>
        _pods.ContainsKey(@namespace) && !(@namespace != "default" && IsOfEveryCluster(@namespace) && Cluster.Input.ObjectSources.Count > 0);

    /// <summary>The policies of a namespace that isolate for a direction, by name.</summary>
    public IEnumerable<NetworkPolicy> IsolatingIn(string @namespace, Direction direction) => _policies[@namespace].Where(policy => policy.Isolates(direction));

    /// <summary>The pods that a policy selects.</summary>
    public IEnumerable<Pod> Subjects(NetworkPolicy policy) => PodsIn(policy.Key.Namespace).Where(pod => policy.PodSelector.SelectsSubject(pod.Labels));

    /// <summary>The namespaces that a peer means, of those that the input has or mentions.</summary>
    public IEnumerable<string> NamespacesOf(NetworkPolicy policy, SelectorPeer peer) => peer.Namespaces is not { } selector ? [policy.Key.Namespace]
        : State.Namespaces.Values.Where(item => selector.Matches(item.Labels)).Select(static item => item.Name);

    /// <summary>Whether a peer means a pod.</summary>
    public bool Means(NetworkPolicy policy, SelectorPeer peer, Pod pod) => (peer.Pods?.Matches(pod.Labels) ?? true)
        && (peer.Namespaces is not { } selector ? pod.Key.Namespace == policy.Key.Namespace : State.Namespaces.TryGetValue(pod.Key.Namespace, out var item) && selector.Matches(item.Labels));

    /// <summary>The pods that a peer means.</summary>
    public IReadOnlyList<Pod> Meant(NetworkPolicy policy, SelectorPeer peer)
    {
        // Without a namespaceSelector the peer means other pods in every policy.
        if (peer.Namespaces is not null && _meant.TryGetValue(peer, out var known))
        {
            return known;
        }

        IReadOnlyList<Pod> meant = [.. NamespacesOf(policy, peer).SelectMany(PodsIn).Where(pod => peer.Pods?.Matches(pod.Labels) ?? true)];
        if (peer.Namespaces is not null)
        {
            _meant[peer] = meant;
        }

        return meant;
    }

    /// <summary>Whether the field is written in the object's text; null where there is no text.</summary>
    public bool? States(NetworkPolicy policy, string field) => Cluster.Input.ObjectSources.GetValueOrDefault(ReferenceTo(policy))?.HasField(field);

    /// <summary>Where a field of a policy stands.</summary>
    public SourceLocation Locate(NetworkPolicy policy, string field) =>
        Cluster.Input.ObjectSources.GetValueOrDefault(ReferenceTo(policy)) is { } text ? policy.Location with { Line = text.LineOf(field) } : policy.Location;
}
