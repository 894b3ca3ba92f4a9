using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The endpoints of a group that are of one class, in one family.</summary>
internal sealed class EndpointClass(int number, bool isNode)
{
    /// <summary>Whether the endpoints are nodes or host-network pods.</summary>
    public bool IsNode { get; } = isNode;

    /// <summary>The class.</summary>
    public int Class { get; } = number;

    /// <summary>How many endpoints there are.</summary>
    public int Count { get; set; }

    /// <summary>The nodes that they are, or that they run on.</summary>
    public HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some of them run on no node.</summary>
    public bool IsUnplaced { get; set; }

    /// <summary>Whether an endpoint of this slot and one of the other are on the same node.</summary>
    public bool MeetsOn(EndpointClass other) =>
        Nodes.Count <= other.Nodes.Count ? Nodes.Any(other.Nodes.Contains) : other.Nodes.Any(Nodes.Contains);

    /// <summary>Whether an endpoint of this slot and one of the other are on different nodes.</summary>
    public bool IsApartFrom(EndpointClass other) =>
        IsUnplaced || other.IsUnplaced || Nodes.Count > 1 || other.Nodes.Count > 1 || !Nodes.SetEquals(other.Nodes);
}

/// <summary>Collects the endpoints of groups by class.</summary>
internal sealed class EndpointGroups(IEndpointClasses classes)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Gathered> _groups = [];

    /// <summary>Adds an endpoint to a group, which is created if needed.</summary>
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
            slots[number] = slot = new(number, classes[number].Kind == EndpointKind.Node);
        }

        slot.Count += ends;
        slot.IsUnplaced |= node is null;
        if (node is not null)
        {
            slot.Nodes.Add(node);
        }
    }

    /// <summary>Adds a pod of the input to a group, with its namespace and whether it is in scope.</summary>
    public void AddPod(string group, string @namespace, bool inScope, bool isCounted)
    {
        if (!_numbers.TryGetValue(group, out var at))
        {
            _numbers[group] = at = _groups.Count;
            _groups.Add(new(new(group, GroupKind.Pods, @namespace, 0) { InScope = inScope }));
        }

        var known = _groups[at].Group;
        _groups[at].Group = known with
        {
            Namespace = known.Namespace == @namespace ? @namespace : null,
            Pods = known.Pods + (isCounted ? 1 : 0),
            InScope = known.InScope || inScope,
        };
    }

    /// <summary>
    /// The groups, with their slots by family: pods by namespace and name, then the others in the order of addition.
    /// </summary>
    public IEnumerable<(MatrixGroup Group, EndpointClass[][] Slots)> All() =>
        _groups
            .OrderBy(static one => one.Group.Kind)
            .ThenBy(
                static one => one.Group.Kind == GroupKind.Pods ? one.Group.Namespace ?? "" : "",
                StringComparer.Ordinal
            )
            .ThenBy(static one => one.Group.Kind == GroupKind.Pods ? one.Group.Name : "", StringComparer.Ordinal)
            .Select(static one =>
                (
                    one.Group,
                    one.Slots.Select(static slots => slots.Values.OrderBy(static slot => slot.Class).ToArray())
                        .ToArray()
                )
            );

    private sealed class Gathered(MatrixGroup group)
    {
        public MatrixGroup Group { get; set; } = group;

        public Dictionary<int, EndpointClass>[] Slots { get; } =
        [
            [],
            [],
        ];
    }
}
