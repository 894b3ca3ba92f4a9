using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// What rules query. Files rarely hold a whole cluster: what is not in the input is unknown, and nothing is concluded
/// from its absence.
/// Files hold at most a part of the namespaces that every cluster has.
/// </summary>
internal sealed class LintContext
{
    private static readonly string[] s_systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    private readonly Dictionary<string, List<Pod>> _pods;
    private readonly ILookup<string, Pod> _hosted;
    private readonly ILookup<string, NetworkPolicy> _policies;
    private readonly HashSet<string> _implied;
    private readonly Dictionary<SelectorPeer, IReadOnlyList<Pod>> _matched = [];
    private readonly PeerMatcher _matcher;

    public LintContext(Cluster cluster)
    {
        Cluster = cluster;
        _matcher = new(cluster.State);
        var pods = State.Pods.OrderBy(static pod => pod.Key).ToLookup(static pod => pod.HostNetwork);
        _pods = pods[false]
            .GroupBy(static pod => pod.Key.Namespace, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.ToList(), StringComparer.Ordinal);
        _hosted = pods[true].ToLookup(static pod => pod.Key.Namespace, StringComparer.Ordinal);
        Policies =
        [
            .. State
                .Policies.OrderBy(static policy => policy.Location.File, StringComparer.Ordinal)
                .ThenBy(static policy => policy.Location.Line)
                .ThenBy(static policy => policy.Key),
        ];
        _policies = Policies
            .OrderBy(static policy => policy.Key)
            .ToLookup(static policy => policy.Key.Namespace, StringComparer.Ordinal);
        _implied = cluster.Input.ImpliedNamespaces.ToHashSet(StringComparer.Ordinal);
        Namespaces =
        [
            .. State
                .Namespaces.Values.Where(item => !_implied.Contains(item.Name))
                .OrderBy(static item => item.Name, StringComparer.Ordinal),
        ];
    }

    public Cluster Cluster { get; }

    public ClusterState State => Cluster.State;

    /// <summary>Every policy, in the order of files.</summary>
    public IReadOnlyList<NetworkPolicy> Policies { get; }

    /// <summary>The namespaces whose labels are known.</summary>
    public IReadOnlyList<Namespace> Namespaces { get; }

    /// <summary>Every rule in force.</summary>
    public IEnumerable<RuleAt> Rules => Policies.SelectMany(RuleAt.InForce);

    /// <summary>Whether every cluster has the namespace.</summary>
    public static bool IsOfEveryCluster(string @namespace) =>
        s_systemNamespaces.Contains(@namespace, StringComparer.Ordinal);

    /// <summary>The name of a policy for findings.</summary>
    public static ObjectReference ReferenceTo(NetworkPolicy policy) =>
        new(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name);

    /// <summary>
    /// The pods of a namespace that policies can select. Pods that have ended are included: their controllers replace
    /// them.
    /// </summary>
    public IReadOnlyList<Pod> PodsIn(string @namespace) => _pods.GetValueOrDefault(@namespace) ?? [];

    /// <summary>Host-network pods, which selectors do not match.</summary>
    public IEnumerable<Pod> HostPodsIn(string @namespace) => _hosted[@namespace];

    /// <summary>
    /// Whether the pods of a namespace are known: the input has some, and files can hold all of them.
    /// </summary>
    public bool KnowsPodsOf(string @namespace) =>
        _pods.ContainsKey(@namespace)
        && !(@namespace != "default" && IsOfEveryCluster(@namespace) && Cluster.Input.ObjectSources.Count > 0);

    /// <summary>The policies of a namespace that isolate for a direction, by name.</summary>
    public IEnumerable<NetworkPolicy> IsolatingIn(string @namespace, Direction direction) =>
        _policies[@namespace].Where(policy => policy.Isolates(direction));

    /// <summary>The pods that a policy selects.</summary>
    public IEnumerable<Pod> Subjects(NetworkPolicy policy) =>
        PodsIn(policy.Key.Namespace).Where(pod => policy.PodSelector.SelectsSubject(pod.Labels));

    /// <summary>The namespaces that a peer applies to, of those that the input has or mentions.</summary>
    public IEnumerable<string> NamespacesOf(NetworkPolicy policy, SelectorPeer peer) =>
        peer.Namespaces is null
            ? [policy.Key.Namespace]
            : State.Namespaces.Keys.Where(name => _matcher.MatchesNamespace(policy.Key.Namespace, peer, name));

    /// <summary>Whether a peer matches a pod.</summary>
    public bool Matches(NetworkPolicy policy, SelectorPeer peer, Pod pod) => _matcher.Matches(policy, peer, pod);

    /// <summary>The pods that a peer matches.</summary>
    public IReadOnlyList<Pod> MatchedPods(NetworkPolicy policy, SelectorPeer peer)
    {
        // A peer without a namespaceSelector matches other pods in every policy.
        if (peer.Namespaces is not null && _matched.TryGetValue(peer, out var known))
        {
            return known;
        }

        IReadOnlyList<Pod> matched =
        [
            .. NamespacesOf(policy, peer).SelectMany(PodsIn).Where(pod => PeerMatcher.MatchesLabels(peer, pod.Labels)),
        ];
        if (peer.Namespaces is not null)
        {
            _matched[peer] = matched;
        }

        return matched;
    }

    /// <summary>Whether the field is written in the object's text; null without a text.</summary>
    public bool? States(NetworkPolicy policy, string field) =>
        Cluster.Input.ObjectSources.GetValueOrDefault(ReferenceTo(policy))?.HasField(field);

    /// <summary>The location of a field of a policy.</summary>
    public SourceLocation Locate(NetworkPolicy policy, string field) =>
        Cluster.Input.ObjectSources.GetValueOrDefault(ReferenceTo(policy)) is { } text
            ? policy.Location with
            {
                Line = text.LineOf(field),
            }
            : policy.Location;
}
