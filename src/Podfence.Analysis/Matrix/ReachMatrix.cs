using Podfence.Model;
using Podfence.Policy;

namespace Podfence.Analysis;

/// <summary>
/// Who reaches whom, group by group. Nothing is kept per pair: a row is computed when it is asked for, from classes of ends that no policy can tell apart.
/// What it says of each pair is what the evaluator says of each of its flows. To be used while the cluster stands still, by one thread.
/// </summary>
public sealed class ReachMatrix
{
    private const int Unset = -1;

    private readonly Cluster _cluster;
    private readonly ReachClasses _classes;
    private readonly MatrixSlot[][][] _slots;
    private readonly Dictionary<(int, int, int, int), MatrixCell> _cells = [];
    private readonly Dictionary<string, int> _numbers;
    private readonly bool _mayReachOwnNode;

    private ReachMatrix(Cluster cluster, ReachClasses classes, IReadOnlyList<(MatrixGroup Group, MatrixSlot[][] Slots)> groups)
    {
        _cluster = cluster;
        _classes = classes;
        Groups = [.. groups.Select(group => group.Group with
        {
            Ingress = IsolationOf(group.Slots, static one => one.Guard),
            Egress = IsolationOf(group.Slots, static one => one.Egress),
        })];
        _slots = [.. groups.Select(static group => group.Slots)];
        _numbers = Groups.Select(static (group, i) => (group.Name, i)).ToDictionary(static pair => pair.Name, static pair => pair.i, StringComparer.Ordinal);
        _mayReachOwnNode = MayReachOwnNode();
    }

    /// <summary>The rows, which are the columns too: pods by namespace and name, pods to come, nodes, addresses outside.</summary>
    public IReadOnlyList<MatrixGroup> Groups { get; }

    /// <summary>How many classes of ends there are that policies tell apart.</summary>
    public int Classes => _classes.Count;

    /// <summary>Groups the ends of a cluster and puts them into classes.</summary>
    public static ReachMatrix Of(Cluster cluster, MatrixOptions? options = null)
    {
        options ??= new();
        var newPods = options.Exposure ? new NewPods(cluster.State) : null;
        var classes = ReachClasses.Of(cluster.State, newPods);
        return new(cluster, classes, new MatrixGatherer(cluster, options, classes, newPods).Gather());
    }

    /// <summary>The number of a group, or null where there is none of that name.</summary>
    public int? Find(string name) => _numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>What one group reaches of all groups, in their order.</summary>
    /// <param name="from">The number of the source.</param>
    public IReadOnlyList<MatrixCell> Row(int from)
    {
        var every = new int[2][];
        var some = new int[2][];
        for (var family = 0; family < 2; family++)
        {
            every[family] = new int[Groups.Count];
            some[family] = new int[Groups.Count];
            Array.Fill(every[family], Unset);
            Fill(from, family, every[family], some[family]);
        }

        var cells = new MatrixCell[Groups.Count];
        for (var to = 0; to < cells.Length; to++)
        {
            cells[to] = CellOf(every[0][to], some[0][to], every[1][to], some[1][to]);
        }

        return cells;
    }

    private void Fill(int from, int family, int[] every, int[] some)
    {
        foreach (var source in _slots[from][family])
        {
            var row = _classes.Row(source.Class);
            for (var to = 0; to < every.Length; to++)
            {
                if (!AreJudged(Groups[from], Groups[to]))
                {
                    continue;
                }

                foreach (var destination in _slots[to][family])
                {
                    Count(new(from, source), new(to, destination), row[destination.Class], ref every[to], ref some[to]);
                }
            }
        }
    }

    private Isolation IsolationOf(MatrixSlot[][] slots, Func<ReachClass, int> set)
    {
        var isolated = slots.SelectMany(static family => family).Select(slot => set(_classes[slot.Class]) != SideRules.Open).Distinct().ToList();
        return isolated is [true] ? Isolation.All : isolated.Contains(true) ? Isolation.Some : Isolation.None;
    }

    /// <summary>Whether policies have a say between two groups, and the answer is asked for.</summary>
    private static bool AreJudged(MatrixGroup from, MatrixGroup to) =>
        (from.IsWanted || to.IsWanted) && (from.Kind == GroupKind.Pods || to.Kind == GroupKind.Pods || (from.Kind == GroupKind.NewPods) != (to.Kind == GroupKind.NewPods));

    private void Count(in Side from, in Side to, int ports, ref int every, ref int some)
    {
        var (isFromNode, isToNode) = (IsNode(from.Slot), IsNode(to.Slot));
        if (isFromNode != isToNode)
        {
            var (node, pod) = isFromNode ? (from, to) : (to, from);
            if (KindOf(node) != GroupKind.OtherNodes && from.Slot.MeetsOn(to.Slot))
            {
                Note(isFromNode || _mayReachOwnNode ? PortSetPool.All : ports, ref every, ref some);
            }

            if (KindOf(node) == GroupKind.OwnNode || !node.Slot.IsApartFrom(pod.Slot))
            {
                return;
            }
        }
        else if (isFromNode && (KindOf(from) == GroupKind.OwnNode || KindOf(to) == GroupKind.OwnNode))
        {
            // A pod that is its node has no node of its own.
            return;
        }
        else if (from.Group == to.Group && ReferenceEquals(from.Slot, to.Slot) && from.Slot.Count == 1)
        {
            // Whether a pod reaches itself is no question.
            return;
        }

        Note(ports, ref every, ref some);
    }

    private void Note(int ports, ref int every, ref int some)
    {
        (every, some) = every == Unset ? (ports, ports) : (_classes.Ports.Intersect(every, ports), _classes.Ports.Union(some, ports));
    }

    private bool IsNode(MatrixSlot slot) => _classes[slot.Class].Kind == EndKind.Node;

    private GroupKind KindOf(in Side side) => Groups[side.Group].Kind;

    private MatrixCell CellOf(int every4, int some4, int every6, int some6)
    {
        if (every4 == Unset && every6 == Unset)
        {
            return MatrixCell.Nothing;
        }

        var key = (every4, every4 == Unset ? Unset : some4, every6, every6 == Unset ? Unset : some6);
        if (!_cells.TryGetValue(key, out var cell))
        {
            var ports = _classes.Ports;
            var isSame = every4 == every6 && some4 == some6;
            var flows = new List<CellFlow>();
            if (every4 != Unset)
            {
                flows.Add(new(isSame ? [IpFamily.IPv4, IpFamily.IPv6] : [IpFamily.IPv4], ports[every4], ports[some4]));
            }

            if (every6 != Unset && !isSame)
            {
                flows.Add(new([IpFamily.IPv6], ports[every6], ports[some6]));
            }

            _cells[key] = cell = new(flows.ToEquatableArray());
        }

        return cell;
    }

    // A setting of the evaluator, which no policy has a say in: any pod and its node tell it.
    private bool MayReachOwnNode()
    {
        var state = _cluster.State;
        foreach (var pod in state.Pods.Where(static pod => pod.IsEndpoint && pod.NodeName is not null))
        {
            foreach (var address in pod.Addresses.Where(address => state.Owns(pod, address)))
            {
                if (state.Nodes.GetValueOrDefault(pod.NodeName!)?.AddressOf(address.Family) is { } node)
                {
                    var flow = Flow.OfOtherProtocol(FlowEnd.Of(pod, address), FlowEnd.OfNode(pod.NodeName!, node));
                    return _cluster.Evaluator.Evaluate(flow).Egress.Reason == SideReason.OwnNode;
                }
            }
        }

        return false;
    }

    private readonly record struct Side(int Group, MatrixSlot Slot);
}
