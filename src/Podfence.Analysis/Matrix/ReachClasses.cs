using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Classifies endpoints that are equal to all policies, and computes what is open from one class to all others at once.
/// Endpoints of a class are isolated by the same policies,
/// are matched by the same peer lists, and declare the same named ports; nothing else matters, except that connections
/// between a node and its own pods,
/// and of a pod to itself, are not restricted by policies.
/// </summary>
/// <remarks>Memory grows with classes and rules, never with pairs: a row is computed from the rules that match its
/// source, and can be dropped.</remarks>
internal sealed class ReachClasses : IEndpointClasses
{
    private const int MaxRows = 16;

    private readonly PortSetPool _ports = new();
    private readonly RelevantLabels _relevant;
    private readonly PeerLists _lists;
    private readonly SideRules _egress;
    private readonly SideRules _ingress;
    private readonly PortNames _names;
    private readonly Interner<(int Signature, int Names)> _targets = new();
    private readonly Interner<(int Set, int Names)> _ingressKeys = new();
    private readonly Interner<ReachClass> _classes = new();
    private readonly RowCache<(int Egress, int Signature), int[]> _rows = new(MaxRows);
    private Uses? _uses;

    /// <summary>Compiles policies.</summary>
    /// <param name="inForce">The policies that count.</param>
    /// <param name="labelsOf">The labels of a namespace, or null where it is not known.</param>
    public ReachClasses(IEnumerable<NetworkPolicy> inForce, Func<string, LabelSet?> labelsOf)
    {
        var policies = inForce.OrderBy(static policy => policy.Key).ToList();
        _relevant = new(policies);
        _lists = new(labelsOf, _relevant);
        _names = new(policies, _ports);
        _egress = new(Direction.Egress, policies, _lists, _ports);
        _ingress = new(Direction.Ingress, policies, _lists, _ports);
    }

    /// <summary>
    /// The classes of a cluster: its policies that select a pod, or all of them where pods to come are to be put into
    /// classes too.
    /// </summary>
    public static ReachClasses Of(ClusterState state, NewPods? newPods = null) =>
        new(
            state.Policies.Where(policy =>
                newPods is not null
                || state
                    .PodsIn(policy.Key.Namespace)
                    .Any(pod => pod.IsEndpoint && policy.PodSelector.SelectsSubject(pod.Labels))
            ),
            newPods is null ? name => state.Namespaces.GetValueOrDefault(name)?.Labels : newPods.LabelsOf
        );

    /// <inheritdoc/>
    public int Exempt => PortSetPool.All;

    /// <summary>The port sets that rows refer to by number.</summary>
    public PortSetPool Ports => _ports;

    /// <summary>How many classes there are.</summary>
    public int Count => _classes.Count;

    /// <summary>Ranges of addresses that are equal to all policies.</summary>
    public IReadOnlyList<IpRange> RangesOf(IpFamily family) => _lists.RangesOf(family);

    /// <summary>The peer lists that match an endpoint, as a number.</summary>
    public int SignatureOf(in ReachEndpoint end) => _lists.SignatureOf(end);

    /// <summary>Whether any peer list matches endpoints of this signature.</summary>
    public bool IsMatched(int signature) => _lists.ListsOf(signature).Length > 0;

    /// <summary>The properties of a class.</summary>
    public ReachClass this[int number] => _classes[number];

    /// <summary>The class of an endpoint.</summary>
    public int Of(in ReachEndpoint end)
    {
        var signature = _lists.SignatureOf(end);
        var names = _names.Of(end.Pod);
        var kind =
            end.Pod is not null ? EndpointKind.Pod
            : end.Node is not null ? EndpointKind.Node
            : EndpointKind.External;
        var (egress, ingress) = (SideRules.Open, SideRules.Open);
        if (end.Pod is { } pod)
        {
            var labels = _relevant.Of(pod.Labels);
            egress = _egress.SetOf(pod.Key.Namespace, labels, _relevant[labels]);
            ingress = _ingress.SetOf(pod.Key.Namespace, labels, _relevant[labels]);
        }

        var ingressKey = ingress == SideRules.Open ? SideRules.Open : _ingressKeys.Of((ingress, names));
        return _classes.Of(new(kind, egress, ingressKey, signature, _targets.Of((signature, names))));
    }

    /// <summary>
    /// The numbers of the ports that are open from a class to each class, between different endpoints of which none is
    /// the node of the other.
    /// All endpoints must be classified before the first row.
    /// </summary>
    public ReadOnlySpan<int> Row(int source) =>
        _rows.GetOrAdd((_classes[source].Egress, _classes[source].Signature), key => NewRow(key.Egress, key.Signature));

    private int[] NewRow(int egress, int signature)
    {
        var uses = _uses ??= Uses.Of(this);
        var (toTargets, elsewhere) = ToTargets(uses, egress);
        var ingressPorts = FromSource(uses, signature);
        var row = new int[_classes.Count];
        for (var i = 0; i < row.Length; i++)
        {
            var to = _classes[i];
            var sent = toTargets is null ? elsewhere : toTargets[to.Target];
            row[i] =
                sent == PortSetPool.None || to.IngressKey == SideRules.Open
                    ? sent
                    : _ports.Intersect(sent, ingressPorts[to.IngressKey]);
        }

        return row;
    }

    /// <summary>What the source's policies allow to each target; no list if they do not isolate it.</summary>
    private (int[]? Ports, int Elsewhere) ToTargets(Uses uses, int egress)
    {
        if (egress == SideRules.Open)
        {
            return (null, PortSetPool.All);
        }

        var open = new int[_targets.Count];
        foreach (var rule in _egress[egress])
        {
            if (rule.List == PeerLists.AnyPeer)
            {
                for (var target = 0; target < open.Length; target++)
                {
                    open[target] = _ports.Union(open[target], _names.PortsOf(rule, _targets[target].Names));
                }
            }
            else
            {
                foreach (var target in uses.Targets[rule.List])
                {
                    open[target] = _ports.Union(open[target], _names.PortsOf(rule, _targets[target].Names));
                }
            }
        }

        return (open, PortSetPool.None);
    }

    /// <summary>What each set of ingress policies allows from a source of this signature.</summary>
    private int[] FromSource(Uses uses, int signature)
    {
        var open = (int[])uses.ToAnyPeer.Clone();
        foreach (var list in _lists.ListsOf(signature))
        {
            foreach (var (ingressKey, ports) in uses.IngressKeys[list])
            {
                open[ingressKey] = _ports.Union(open[ingressKey], ports);
            }
        }

        return open;
    }

    /// <summary>The endpoints that each peer list matches, and the ingress policies that use it.</summary>
    private sealed record Uses(List<int>[] Targets, List<(int IngressKey, int Ports)>[] IngressKeys, int[] ToAnyPeer)
    {
        public static Uses Of(ReachClasses owner)
        {
            var uses = new Uses(
                [.. Fill<List<int>>()],
                [.. Fill<List<(int, int)>>()],
                new int[owner._ingressKeys.Count]
            );
            for (var target = 0; target < owner._targets.Count; target++)
            {
                Array.ForEach(owner._lists.ListsOf(owner._targets[target].Signature), list =>
                    uses.Targets[list].Add(target)
                );
            }

            for (var ingressKey = 0; ingressKey < owner._ingressKeys.Count; ingressKey++)
            {
                foreach (var rule in owner._ingress[owner._ingressKeys[ingressKey].Set])
                {
                    var ports = owner._names.PortsOf(rule, owner._ingressKeys[ingressKey].Names);
                    if (rule.List == PeerLists.AnyPeer)
                    {
                        uses.ToAnyPeer[ingressKey] = owner._ports.Union(uses.ToAnyPeer[ingressKey], ports);
                    }
                    else
                    {
                        uses.IngressKeys[rule.List].Add((ingressKey, ports));
                    }
                }
            }

            return uses;

            IEnumerable<T> Fill<T>()
                where T : new() => Enumerable.Range(0, owner._lists.Count).Select(static _ => new T());
        }
    }
}

/// <summary>The kind of an endpoint.</summary>
internal enum EndpointKind
{
    /// <summary>A pod that policies may fence.</summary>
    Pod,

    /// <summary>A node, or a pod that shares its node's network.</summary>
    Node,

    /// <summary>An address that nothing in the cluster has.</summary>
    External,
}

/// <summary>Everything about an endpoint that matters to policies.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Egress">The set of policies that isolate it as a source.</param>
/// <param name="IngressKey">The set of policies that isolate it as a destination, with its named ports.</param>
/// <param name="Signature">The peer lists that match it.</param>
/// <param name="Target">The same with its named ports.</param>
internal readonly record struct ReachClass(EndpointKind Kind, int Egress, int IngressKey, int Signature, int Target);
