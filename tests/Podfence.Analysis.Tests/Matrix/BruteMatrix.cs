using Podfence.Evaluation;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

/// <summary>The same matrix pair by pair and port by port, out of the evaluator alone.</summary>
internal sealed class BruteMatrix
{
    private readonly Cluster _cluster;
    private readonly ClusterState _state;
    private readonly MatrixOptions _options;
    private readonly FlowClasses _classes;

    public BruteMatrix(Cluster cluster, MatrixOptions options)
    {
        _cluster = cluster;
        _state = cluster.State;
        _options = options;
        _classes = FlowClasses.Of(_state);
    }

    /// <summary>What is wrong with a matrix, or null.</summary>
    public string? Fault(ReachMatrix matrix)
    {
        var members = matrix.Groups.Select(Members).ToList();
        var expected = _state.Pods.Where(IsThere).Select(GroupOf).Distinct().Order(StringComparer.Ordinal);
        var actual = matrix
            .Groups.Where(static group => group.Kind == GroupKind.Pods)
            .Select(static group => group.Name);
        if (!expected.SequenceEqual(actual.Order(StringComparer.Ordinal)))
        {
            return $"the groups are {string.Join(", ", actual)}";
        }

        for (var from = 0; from < members.Count; from++)
        {
            var row = matrix.Row(from);
            for (var to = 0; to < members.Count; to++)
            {
                foreach (var family in IpFamilies.All)
                {
                    if (
                        Fault(matrix.Groups[from], matrix.Groups[to], members[from], members[to], family, row[to]) is
                        { } fault
                    )
                    {
                        return $"{matrix.Groups[from].Name} to {matrix.Groups[to].Name} ({row[to]}), {fault}";
                    }
                }
            }
        }

        return null;
    }

    private string? Fault(
        MatrixGroup from,
        MatrixGroup to,
        List<Member> sources,
        List<Member> destinations,
        IpFamily family,
        MatrixCell cell
    )
    {
        var pairs =
            from.Kind != GroupKind.Pods && to.Kind != GroupKind.Pods
                ? []
                : (
                    from source in sources
                    from destination in destinations
                    where
                        source.End.Address.Family == family
                        && destination.End.Address.Family == family
                        && source.Name != destination.Name
                        && MayMeet(@from, to, source, destination)
                    select (Source: source.End, Destination: destination.End)
                ).ToList();
        var flow = cell.Flows.SingleOrDefault(flow => flow.Families.Contains(family));
        if (pairs.Count == 0 || flow is null)
        {
            return (pairs.Count == 0) == (flow is null)
                ? null
                : $"{family}: {pairs.Count} pairs, but the cell says {cell}";
        }

        foreach (var (protocol, port) in _classes.Ports)
        {
            var open = pairs.ConvertAll(pair =>
                _cluster.Evaluator.IsAllowed(
                    protocol is { } known
                        ? new Flow(pair.Source, pair.Destination, known, port)
                        : Flow.OfOtherProtocol(pair.Source, pair.Destination)
                )
            );
            if (
                open.TrueForAll(static one => one) != flow.Every.Contains(protocol, port)
                || open.Exists(static one => one) != flow.Some.Contains(protocol, port)
            )
            {
                return $"{family} {port}/{protocol}: {open.Count(static one => one)} of {open.Count} pairs are open";
            }
        }

        return null;
    }

    private List<Member> Members(MatrixGroup group) =>
        group.Kind switch
        {
            GroupKind.Pods =>
            [
                .. from pod in _state.Pods
                where IsThere(pod) && GroupOf(pod) == @group.Name
                from address in pod.Addresses
                where Has(pod, address)
                select new Member(
                    $"pod {pod.Key}",
                    FlowEndpoint.Of(pod, address),
                    pod.NodeName ?? NodeOf(pod, address),
                    pod.HostNetwork
                ),
            ],
            GroupKind.External =>
            [
                .. from part in Parts()
                where part.Name == @group.Name
                from range in part.Ranges
                from end in _classes.Ends[range.Family]
                where end.IsExternal && range.Contains(end.Address)
                select new Member($"external {end}", end, null, IsHost: false),
            ],
            _ =>
            [
                .. from node in _state.Nodes.Values
                where @group.Kind != GroupKind.Node || @group.Name == $"node:{node.Name}"
                from address in node.Addresses
                where _state.OwnerOf(address) is null
                select new Member($"node {node.Name}", FlowEndpoint.Of(node, address), node.Name, IsHost: true),
            ],
        };

    private IReadOnlyList<ExternalPart> Parts() => ExternalParts.Of(_cluster);

    private static bool MayMeet(MatrixGroup from, MatrixGroup to, Member source, Member destination)
    {
        var isOwn = source.Node is not null && source.Node == destination.Node && source.IsHost != destination.IsHost;
        var kinds = new[] { from.Kind, to.Kind };
        return kinds.Contains(GroupKind.OwnNode) ? isOwn : !kinds.Contains(GroupKind.OtherNodes) || !isOwn;
    }

    private bool IsThere(Pod pod) => !pod.Finished && pod.Addresses.Any(address => Has(pod, address));

    private bool Has(Pod pod, IpAddress address) =>
        pod.HostNetwork ? _state.OwnerOf(address) is null : _state.Owns(pod, address);

    private string? NodeOf(Pod pod, IpAddress address) =>
        pod.HostNetwork ? FlowEndpoint.Resolve(_state, address).Node : null;

    private string GroupOf(Pod pod) =>
        _options.GroupBy switch
        {
            GroupBy.Namespace => pod.Key.Namespace,
            GroupBy.Pod => pod.Key.ToString(),
            GroupBy.Label => (
                pod.Labels[_options.LabelKey!]
                ?? _state.Namespaces.GetValueOrDefault(pod.Key.Namespace)?.Labels[_options.LabelKey!]
            )
                is { } value
                ? $"{_options.LabelKey}={value}"
                : $"without {_options.LabelKey}",
            _ => pod.Workload is { } workload ? $"{pod.Key.Namespace}/{workload}" : pod.Key.ToString(),
        };

    private sealed record Member(string Name, FlowEndpoint End, string? Node, bool IsHost);
}
