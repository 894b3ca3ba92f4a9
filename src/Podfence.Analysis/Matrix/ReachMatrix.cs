using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// The allowed connections between groups. Nothing is stored per pair: a row is computed on demand, from classes of
/// endpoints that are equal to all policies.
/// The result for each pair is that of the evaluator for each of its flows. For one thread, while the cluster does not
/// change.
/// </summary>
public sealed class ReachMatrix
{
    private const int Unset = -1;
    private const int MaxRows = 16;

    private readonly Cluster _cluster;
    private readonly IEndpointClasses _classes;
    private readonly EndpointClass[][][] _slots;
    private readonly MatrixGroup[] _groups;
    private readonly int[] _nodeGroups;
    private readonly Dictionary<(Open, Open), MatrixCell> _cells = [];
    private readonly RowCache<(bool, int, int), (int Owner, MatrixCell[] Cells)> _rows = new(MaxRows);
    private readonly Dictionary<string, int> _numbers;
    private readonly bool _mayReachOwnNode;

    private ReachMatrix(
        Cluster cluster,
        IEndpointClasses classes,
        IReadOnlyList<(MatrixGroup Group, EndpointClass[][] Slots)> groups
    )
    {
        _cluster = cluster;
        _classes = classes;
        _groups =
        [
            .. groups.Select(group =>
                group.Group with
                {
                    Ingress = IsolationOf(group.Slots, static one => one.IngressKey),
                    Egress = IsolationOf(group.Slots, static one => one.Egress),
                }
            ),
        ];
        _slots = [.. groups.Select(static group => group.Slots)];
        _nodeGroups =
        [
            .. Enumerable
                .Range(0, _groups.Length)
                .Where(number => _slots[number].Any(static family => Array.Exists(family, static slot => slot.IsNode))),
        ];
        _numbers = Groups
            .Select(static (group, i) => (group.Name, i))
            .ToDictionary(static pair => pair.Name, static pair => pair.i, StringComparer.Ordinal);
        _mayReachOwnNode = MayReachOwnNode();
    }

    /// <summary>
    /// The rows, which are the columns too: pods by namespace and name, pods to come, nodes, external addresses.
    /// </summary>
    public IReadOnlyList<MatrixGroup> Groups => _groups;

    /// <summary>How many classes of endpoints the policies distinguish.</summary>
    public int Classes => _classes.Count;

    /// <summary>Groups the endpoints of a cluster and classifies them.</summary>
    public static ReachMatrix Of(Cluster cluster, MatrixOptions? options = null)
    {
        options ??= new();
        var newPods = options.Exposure ? new NewPods(cluster.State) : null;
        var classes = ReachClasses.Of(cluster.State, newPods);
        options = options with { External = options.External ?? ExternalParts.Cut([classes], [cluster.State]) };
        return new(cluster, classes, new MatrixBuilder(cluster, options, classes, newPods?.Of(classes) ?? []).Gather());
    }

    /// <summary>The same with given classes.</summary>
    internal static ReachMatrix Of(Cluster cluster, MatrixOptions options, IEndpointClasses classes) =>
        new(cluster, classes, new MatrixBuilder(cluster, options, classes, []).Gather());

    /// <summary>The number of a group, or null if there is none of that name.</summary>
    public int? Find(string name) => _numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>What one group reaches of all groups, in their order.</summary>
    /// <param name="from">The number of the source.</param>
    public IReadOnlyList<MatrixCell> Row(int from)
    {
        if (KeyOf(from) is not { } key)
        {
            return NewRow(from);
        }

        var known = _rows.GetOrAdd(key, _ => (from, NewRow(from)));
        if (known.Owner == from)
        {
            return known.Cells;
        }

        // Groups of the same classes have the same row but for themselves and for the nodes of their pods.
        var row = (MatrixCell[])known.Cells.Clone();
        foreach (var to in _nodeGroups)
        {
            row[to] = CellOf(from, to);
        }

        row[known.Owner] = CellOf(from, known.Owner);
        row[from] = CellOf(from, from);
        return row;
    }

    /// <summary>What decides the row of a group: of pods that are of one class in each family.</summary>
    private (bool, int, int)? KeyOf(int from) =>
        _slots[from] switch
        {
            _ when _groups[from].Kind != GroupKind.Pods => null,
            [[var one], [var other]] when !one.IsNode => (_groups[from].InScope, one.Class, other.Class),
            [[var one], []] when !one.IsNode => (_groups[from].InScope, one.Class, Unset),
            [[], [var other]] when !other.IsNode => (_groups[from].InScope, Unset, other.Class),
            _ => null,
        };

    private MatrixCell[] NewRow(int from)
    {
        var row = new MatrixCell[_groups.Length];
        for (var to = 0; to < row.Length; to++)
        {
            row[to] = CellOf(from, to);
        }

        return row;
    }

    private MatrixCell CellOf(int from, int to)
    {
        if (!IsEvaluated(_groups[from], _groups[to]))
        {
            return MatrixCell.Nothing;
        }

        var (v4, v6) = (Between(from, to, 0), Between(from, to, 1));
        return CellOf(v4, v6);
    }

    private Open Between(int from, int to, int family)
    {
        var open = Open.None;
        foreach (var source in _slots[from][family])
        {
            var row = _classes.Row(source.Class);
            foreach (var destination in _slots[to][family])
            {
                open = Count(from, source, to, destination, row[destination.Class], open);
            }
        }

        return open;
    }

    private Isolation IsolationOf(EndpointClass[][] slots, Func<ReachClass, int> set)
    {
        var isolated = slots
            .SelectMany(static family => family)
            .Select(slot => set(_classes[slot.Class]) != SideRules.Open)
            .Distinct()
            .ToList();
        return isolated is [true] ? Isolation.All
            : isolated.Contains(true) ? Isolation.Some
            : Isolation.None;
    }

    /// <summary>Whether policies decide between two groups, and the pair is in scope.</summary>
    private static bool IsEvaluated(MatrixGroup from, MatrixGroup to) =>
        (from.InScope || to.InScope)
        && (
            from.Kind == GroupKind.Pods
            || to.Kind == GroupKind.Pods
            || (from.Kind == GroupKind.NewPods) != (to.Kind == GroupKind.NewPods)
        );

    private Open Count(int from, EndpointClass source, int to, EndpointClass destination, int ports, Open open)
    {
        if (source.IsNode != destination.IsNode)
        {
            var kind = _groups[source.IsNode ? from : to].Kind;
            if (kind != GroupKind.OtherNodes && source.MeetsOn(destination))
            {
                open = With(open, source.IsNode || _mayReachOwnNode ? _classes.Exempt : ports);
            }

            return kind == GroupKind.OwnNode || !source.IsApartFrom(destination) ? open : With(open, ports);
        }

        // A host-network pod is its node; and a pod and itself are not compared.
        var isSelf = source.IsNode
            ? _groups[from].Kind == GroupKind.OwnNode
                || _groups[to].Kind == GroupKind.OwnNode
                || (ReferenceEquals(source, destination) && source.Count == 1)
            : ReferenceEquals(source, destination) && source.Count == 1;
        return isSelf ? open : With(open, ports);
    }

    private Open With(Open open, int ports) =>
        open.Every == Unset ? new(ports, ports)
        : open.Every == ports && open.Some == ports ? open
        : new(_classes.Ports.Intersect(open.Every, ports), _classes.Ports.Union(open.Some, ports));

    private MatrixCell CellOf(Open v4, Open v6)
    {
        if (v4.Every == Unset && v6.Every == Unset)
        {
            return MatrixCell.Nothing;
        }

        if (!_cells.TryGetValue((v4, v6), out var cell))
        {
            var flows = new List<CellFlow>();
            if (v4.Every != Unset)
            {
                flows.Add(FlowOf(v4, v4 == v6 ? [IpFamily.IPv4, IpFamily.IPv6] : [IpFamily.IPv4]));
            }

            if (v6.Every != Unset && v4 != v6)
            {
                flows.Add(FlowOf(v6, [IpFamily.IPv6]));
            }

            _cells[(v4, v6)] = cell = new(flows.ToEquatableArray());
        }

        return cell;

        CellFlow FlowOf(Open open, EquatableArray<IpFamily> families) =>
            new(families, _classes.Ports[open.Every], _classes.Ports[open.Some]);
    }

    // A setting of the evaluator, independent of policies: any pod and its node show it.
    private bool MayReachOwnNode()
    {
        var state = _cluster.State;
        foreach (var pod in state.Pods.Where(static pod => pod.IsEndpoint && pod.NodeName is not null))
        {
            foreach (var address in pod.Addresses.Where(address => state.Owns(pod, address)))
            {
                if (state.Nodes.GetValueOrDefault(pod.NodeName!)?.AddressOf(address.Family) is { } node)
                {
                    var flow = Flow.OfOtherProtocol(
                        FlowEndpoint.Of(pod, address),
                        FlowEndpoint.OfNode(pod.NodeName!, node)
                    );
                    return _cluster.Evaluator.Evaluate(flow).Egress.Reason == SideReason.OwnNode;
                }
            }
        }

        return false;
    }

    /// <summary>The numbers of what is open between every two ends, and between some.</summary>
    private readonly record struct Open(int Every, int Some)
    {
        public static Open None { get; } = new(Unset, Unset);
    }
}
