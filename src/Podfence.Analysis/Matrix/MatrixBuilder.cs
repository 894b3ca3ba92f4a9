using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Groups and classifies all endpoints.</summary>
internal sealed class MatrixBuilder(
    Cluster cluster,
    MatrixOptions options,
    IEndpointClasses classes,
    IEnumerable<NewPod> newPods
)
{
    private readonly ClusterState _state = cluster.State;
    private readonly EndpointGroups _ends = new(classes);
    private readonly Dictionary<IpAddress, string> _nodeAt = NodesByAddress(cluster.State);

    /// <summary>The groups, with their slots by family.</summary>
    public IReadOnlyList<(MatrixGroup Group, EndpointClass[][] Slots)> Gather()
    {
        AddPods();
        foreach (var (name, pod) in newPods)
        {
            foreach (var address in pod.Addresses)
            {
                // There may be several of them.
                _ends.Add(
                    new(name, GroupKind.NewPods, null, 0) { InScope = options.Namespace is null },
                    address.Family,
                    classes.Of(new(address, pod, null)),
                    null,
                    ends: 2
                );
            }
        }

        AddNodes();
        AddExternal();
        return [.. _ends.All()];
    }

    /// <summary>The first node by name that has the address, as the evaluator has it.</summary>
    private static Dictionary<IpAddress, string> NodesByAddress(ClusterState state)
    {
        var nodes = new Dictionary<IpAddress, string>();
        foreach (var node in state.Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal))
        {
            foreach (var address in node.Addresses)
            {
                nodes.TryAdd(address, node.Name);
            }
        }

        return nodes;
    }

    private void AddPods()
    {
        foreach (var pod in _state.Pods.Where(static pod => !pod.Finished).OrderBy(static pod => pod.Key))
        {
            var ends = IpFamilies
                .All.Select(family => pod.AddressOf(family) is { } address ? EndOf(pod, address) : null)
                .OfType<ReachEndpoint>()
                .ToList();
            if (ends.Count == 0)
            {
                // Without an address, or with one that now belongs to another pod: not reachable.
                continue;
            }

            var group = GroupOf(pod);
            _ends.AddPod(
                group,
                pod.Key.Namespace,
                InScope(pod.Key.Namespace),
                isCounted: !Cluster.StandsForWorkload(pod.Key)
            );
            foreach (var end in ends)
            {
                _ends.Add(
                    new(group, GroupKind.Pods, pod.Key.Namespace, 0),
                    end.Address.Family,
                    classes.Of(end),
                    pod.NodeName ?? end.Node
                );
            }
        }
    }

    private ReachEndpoint? EndOf(Pod pod, IpAddress address) =>
        !pod.HostNetwork
            ? _state.Owns(pod, address)
                ? new(address, pod, null)
                : null
            : _state.OwnerOf(address) is null
                ? new(address, null, pod.NodeName ?? _nodeAt.GetValueOrDefault(address))
                : null;

    private void AddNodes()
    {
        var isSingle = options.GroupBy == GroupBy.Pod;
        var inScope = options.Namespace is null;
        var hosts = _state
            .Pods.Where(static pod => pod.IsEndpoint)
            .Select(static pod => pod.NodeName)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        foreach (var node in _state.Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal))
        {
            foreach (
                var end in node
                    .Addresses.Where(address => _state.OwnerOf(address) is null)
                    .Select(address => new ReachEndpoint(address, null, node.Name))
            )
            {
                var number = classes.Of(end);
                if (isSingle)
                {
                    _ends.Add(
                        new($"node:{node.Name}", GroupKind.Node, null, 0) { InScope = inScope },
                        end.Address.Family,
                        number,
                        node.Name
                    );
                    continue;
                }

                _ends.Add(
                    new("other nodes", GroupKind.OtherNodes, null, 0) { InScope = inScope },
                    end.Address.Family,
                    number,
                    node.Name
                );
                if (hosts.Contains(node.Name))
                {
                    _ends.Add(
                        new("own node", GroupKind.OwnNode, null, 0) { InScope = inScope },
                        end.Address.Family,
                        number,
                        node.Name
                    );
                }
            }
        }
    }

    private void AddExternal()
    {
        foreach (var part in options.External!)
        {
            foreach (var range in part.Ranges)
            {
                _ends.Add(
                    new(part.Name, GroupKind.External, null, 0) { InScope = options.Namespace is null },
                    range.Family,
                    classes.Of(ReachEndpoint.External(range.First)),
                    null
                );
            }
        }
    }

    private string GroupOf(Pod pod) =>
        options.GroupBy switch
        {
            GroupBy.Namespace => pod.Key.Namespace,
            GroupBy.Pod => pod.Key.ToString(),
            GroupBy.Label => LabelOf(pod, options.LabelKey!),
            _ => Cluster.GroupOf(pod),
        };

    private string LabelOf(Pod pod, string key) =>
        (pod.Labels[key] ?? _state.Namespaces.GetValueOrDefault(pod.Key.Namespace)?.Labels[key]) is { } value
            ? $"{key}={Clean(value)}"
            : $"without {key}";

    // An object that no server has validated may contain line breaks or escape sequences.
    private static string Clean(string text) =>
        string.Concat(text.Select(static letter => char.IsControl(letter) ? '?' : letter));

    private bool InScope(string @namespace) => options.Namespace is null || options.Namespace == @namespace;
}
