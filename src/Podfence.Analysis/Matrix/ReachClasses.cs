using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// Puts ends into classes that no policy can tell apart, and says what is open from one class to all others at once. Two ends of a class are isolated by the same policies,
/// are meant by the same lists of peers, and declare the same named ports; all else about them is left out of the account, except that a node and its own pods,
/// and a pod and itself, are not judged by policies.
/// </summary>
/// <remarks>Memory grows with classes and rules, never with pairs: a row is computed from the rules that mean its source, and may be forgotten.</remarks>
internal sealed class ReachClasses : IEndClasses
{
    private const int RowsKept = 16;

    private readonly PortSetPool _ports = new();
    private readonly RelevantLabels _slim;
    private readonly PeerLists _lists;
    private readonly SideRules _egress;
    private readonly SideRules _ingress;
    private readonly PortNames _names;
    private readonly Interner<(int Signature, int Names)> _targets = new();
    private readonly Interner<(int Set, int Names)> _guards = new();
    private readonly Interner<ReachClass> _classes = new();
    private readonly Queue<(int, int)> _rowOrder = new();
    private readonly Dictionary<(int Egress, int Signature), int[]> _rows = [];
    private Uses? _uses;

    /// <summary>Reads policies.</summary>
    /// <param name="inForce">The policies that count.</param>
    /// <param name="labelsOf">The labels of a namespace, or null where it is not known.</param>
    public ReachClasses(IEnumerable<NetworkPolicy> inForce, Func<string, LabelSet?> labelsOf)
    {
        var policies = inForce.OrderBy(static policy => policy.Key).ToList();
        _slim = new(policies);
        _lists = new(labelsOf, _slim);
        _names = new(policies, _ports);
        _egress = new(Direction.Egress, policies, _lists, _ports);
        _ingress = new(Direction.Ingress, policies, _lists, _ports);
    }

    /// <summary>The classes of a cluster: its policies that select a pod, or all of them where pods to come are to be put into classes too.</summary>
    public static ReachClasses Of(ClusterState state, NewPods? newPods = null) => new(
        state.Policies.Where(policy => newPods is not null || state.PodsIn(policy.Key.Namespace).Any(pod => pod.IsEndpoint && policy.PodSelector.SelectsSubject(pod.Labels))),
        newPods is null ? name => state.Namespaces.GetValueOrDefault(name)?.Labels : newPods.LabelsOf);

    /// <inheritdoc/>
    public int Unjudged => PortSetPool.All;

    /// <summary>The sets of ports that rows speak of by number.</summary>
    public PortSetPool Ports => _ports;

    /// <summary>How many classes there are.</summary>
    public int Count => _classes.Count;

    /// <summary>Ranges of addresses that no policy tells apart.</summary>
    public IReadOnlyList<IpRange> RangesOf(IpFamily family) => _lists.RangesOf(family);

    /// <summary>What the rules can tell of an end as a peer.</summary>
    public int SignatureOf(in ReachEnd end) => _lists.SignatureOf(end);

    /// <summary>Whether rules that name peers mean ends of this signature at all.</summary>
    public bool IsMeant(int signature) => _lists.ListsOf(signature).Length > 0;

    /// <summary>Who the ends of a class are.</summary>
    public ReachClass this[int number] => _classes[number];

    /// <summary>The class of an end.</summary>
    public int Of(in ReachEnd end)
    {
        var signature = _lists.SignatureOf(end);
        var names = _names.Of(end.Pod);
        var kind = end.Pod is not null ? EndKind.Pod : end.Node is not null ? EndKind.Node : EndKind.External;
        var (egress, ingress) = (SideRules.Open, SideRules.Open);
        if (end.Pod is { } pod)
        {
            var labels = _slim.Of(pod.Labels);
            egress = _egress.SetOf(pod.Key.Namespace, labels, _slim[labels]);
            ingress = _ingress.SetOf(pod.Key.Namespace, labels, _slim[labels]);
        }

        var guard = ingress == SideRules.Open ? SideRules.Open : _guards.Of((ingress, names));
        return _classes.Of(new(kind, egress, guard, signature, _targets.Of((signature, names))));
    }

    /// <summary>
    /// The numbers of the ports that are open from a class to each class, between different ends of which none is the node of the other.
    /// All ends are to be put into classes before the first row is asked for.
    /// </summary>
    public ReadOnlySpan<int> Row(int source)
    {
        var key = (_classes[source].Egress, _classes[source].Signature);
        if (!_rows.TryGetValue(key, out var row))
        {
            if (_rows.Count == RowsKept)
            {
                _rows.Remove(_rowOrder.Dequeue());
            }

            _rowOrder.Enqueue(key);
            _rows[key] = row = NewRow(key.Egress, key.Signature);
        }

        return row;
    }

    private int[] NewRow(int egress, int signature)
    {
        var uses = _uses ??= Uses.Of(this);
        var (toTargets, elsewhere) = ToTargets(uses, egress);
        var guards = FromSource(uses, signature);
        var row = new int[_classes.Count];
        for (var i = 0; i < row.Length; i++)
        {
            var to = _classes[i];
            var sent = toTargets is null ? elsewhere : toTargets[to.Target];
            row[i] = sent == PortSetPool.None || to.Guard == SideRules.Open ? sent : _ports.Intersect(sent, guards[to.Guard]);
        }

        return row;
    }

    /// <summary>What the source's policies let go to each target; no list where they do not isolate it.</summary>
    private (int[]? Ports, int Elsewhere) ToTargets(Uses uses, int egress)
    {
        if (egress == SideRules.Open)
        {
            return (null, PortSetPool.All);
        }

        var open = new int[_targets.Count];
        foreach (var rule in _egress[egress])
        {
            if (rule.List == PeerLists.Everyone)
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

    /// <summary>What each set of policies lets in from a source of this signature.</summary>
    private int[] FromSource(Uses uses, int signature)
    {
        var open = (int[])uses.ToEveryone.Clone();
        foreach (var list in _lists.ListsOf(signature))
        {
            foreach (var (guard, ports) in uses.Guards[list])
            {
                open[guard] = _ports.Union(open[guard], ports);
            }
        }

        return open;
    }

    /// <summary>Who is meant by each list of peers, and which sets of policies let it in.</summary>
    private sealed record Uses(List<int>[] Targets, List<(int Guard, int Ports)>[] Guards, int[] ToEveryone)
    {
        public static Uses Of(ReachClasses owner)
        {
            var uses = new Uses([.. Fill<List<int>>()], [.. Fill<List<(int, int)>>()], new int[owner._guards.Count]);
            for (var target = 0; target < owner._targets.Count; target++)
            {
                Array.ForEach(owner._lists.ListsOf(owner._targets[target].Signature), list => uses.Targets[list].Add(target));
            }

            for (var guard = 0; guard < owner._guards.Count; guard++)
            {
                foreach (var rule in owner._ingress[owner._guards[guard].Set])
                {
                    var ports = owner._names.PortsOf(rule, owner._guards[guard].Names);
                    if (rule.List == PeerLists.Everyone)
                    {
                        uses.ToEveryone[guard] = owner._ports.Union(uses.ToEveryone[guard], ports);
                    }
                    else
                    {
                        uses.Guards[rule.List].Add((guard, ports));
                    }
                }
            }

            return uses;

            IEnumerable<T> Fill<T>()
                where T : new() => Enumerable.Range(0, owner._lists.Count).Select(static _ => new T());
        }
    }
}

/// <summary>What an end is to policies.</summary>
internal enum EndKind
{
    /// <summary>A pod that policies may fence.</summary>
    Pod,

    /// <summary>A node, or a pod that shares its node's network.</summary>
    Node,

    /// <summary>An address that nobody in the cluster has.</summary>
    External,
}

/// <summary>Everything that policies can tell about an end.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Egress">The set of policies that isolate it as a source.</param>
/// <param name="Guard">The set of policies that isolate it as a destination, with what named ports mean there.</param>
/// <param name="Signature">The lists of peers that mean it.</param>
/// <param name="Target">The same with what named ports mean there.</param>
internal readonly record struct ReachClass(EndKind Kind, int Egress, int Guard, int Signature, int Target);
