using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Some ends of a group that are of one class, in one family.</summary>
internal sealed class EndpointClass(int number, bool isNode)
{
    /// <summary>Whether the ends are nodes, or pods that share the network of theirs.</summary>
    public bool IsNode { get; } = isNode;

    /// <summary>The class.</summary>
    public int Class { get; } = number;

    /// <summary>How many ends there are.</summary>
    public int Count { get; set; }

    /// <summary>The nodes that they are, or that they run on.</summary>
    public HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some of them run on no node.</summary>
    public bool IsUnplaced { get; set; }

    /// <summary>Whether some end of this slot and some of the other are on one node.</summary>
    public bool MeetsOn(EndpointClass other) => Nodes.Count <= other.Nodes.Count ? Nodes.Any(other.Nodes.Contains) : other.Nodes.Any(Nodes.Contains);

    /// <summary>Whether some end of this slot and some of the other are not on one node.</summary>
    public bool IsApartFrom(EndpointClass other) => IsUnplaced || other.IsUnplaced || Nodes.Count > 1 || other.Nodes.Count > 1 || !Nodes.SetEquals(other.Nodes);
}

/// <summary>Gathers the ends of groups by class.</summary>
internal sealed class EndpointGroups(IEndClasses classes)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Gathered> _groups = [];

    /// <summary>Counts an end to a group, which is made where it is not there.</summary>
    public void Add(MatrixGroup group, IpFamily family, int number, string? node, int ends = 1)
    {
        if (!_numbers.TryGetValue(group.Name, out var at))
        {
            _numbers[group.Name] = at = _groups.Count;
            _groups.Add(new(group));
        }

        var slots = _groups[at].Slots[family == IpFamily.IPv4 ? 0 : 1];
        if (!slots.TryGetValue(number, out var slot))
        {
            slots[number] = slot = new(number, classes[number].Kind == EndKind.Node);
        }

        slot.Count += ends;
        slot.IsUnplaced |= node is null;
        if (node is not null)
        {
            slot.Nodes.Add(node);
        }
    }

    /// <summary>Counts a pod of the input to a group, and what is known of its namespace and of whether it is wanted.</summary>
    public void AddPod(string group, string @namespace, bool isWanted, bool isCounted)
    {
        if (!_numbers.TryGetValue(group, out var at))
        {
            _numbers[group] = at = _groups.Count;
            _groups.Add(new(new(group, GroupKind.Pods, @namespace, 0) { IsWanted = isWanted }));
        }

        var known = _groups[at].Group;
        _groups[at].Group = known with
        {
            Namespace = known.Namespace == @namespace ? @namespace : null,
            Pods = known.Pods + (isCounted ? 1 : 0),
            IsWanted = known.IsWanted || isWanted,
        };
    }

    /// <summary>The groups, with their slots by family: pods by namespace and name, then the others in the order of their coming.</summary>
    public IEnumerable<(MatrixGroup Group, EndpointClass[][] Slots)> All() => _groups
        .OrderBy(static one => one.Group.Kind)
        .ThenBy(static one => one.Group.Kind == GroupKind.Pods ? one.Group.Namespace ?? "" : "", StringComparer.Ordinal)
        .ThenBy(static one => one.Group.Kind == GroupKind.Pods ? one.Group.Name : "", StringComparer.Ordinal)
        .Select(static one => (one.Group, one.Slots.Select(static slots => slots.Values.OrderBy(static slot => slot.Class).ToArray()).ToArray()));

    private sealed class Gathered(MatrixGroup group)
    {
        public MatrixGroup Group { get; set; } = group;

        public Dictionary<int, EndpointClass>[] Slots { get; } = [[], []];
    }
}
