using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Finds the lines of policies behind a compiled ruleset. A fence keeps the names of its policies only, as a node has no use for more; so the policies' rules are prepared again
/// and compared with what the fence says.
/// </summary>
/// <param name="state">What the ruleset was compiled from.</param>
/// <param name="ruleset">The ruleset.</param>
/// <param name="options">What it was compiled with.</param>
public sealed class RuleProvenance(ClusterState state, Ruleset ruleset, CompilerOptions options)
{
    private readonly Dictionary<string, Pod> _fenced = ruleset.Endpoints.Values
        .SelectMany(static endpoint => new[] { (Fence: endpoint.Ingress, endpoint.Pod), (Fence: endpoint.Egress, endpoint.Pod) })
        .Where(static item => item.Fence is not null)
        .GroupBy(static item => item.Fence!)
        .Select(group => (group.Key, Pod: group.Select(item => state.FindPod(item.Pod)).OfType<Pod>().FirstOrDefault()))
        .Where(static item => item.Pod is not null)
        .ToDictionary(static item => item.Key, static item => item.Pod!);

    /// <summary>The rules that an alternative comes from, in the order of policies and rules.</summary>
    /// <param name="fence">The fence.</param>
    /// <param name="alternative">One of its alternatives.</param>
    /// <param name="branch">The ports of the branch that it stands in, or null.</param>
    public IReadOnlyList<RuleOrigin> Of(Fence fence, AllowRule alternative, PortSpan? branch)
    {
        var origins = new List<RuleOrigin>();
        foreach (var policy in alternative.Policies.Select(state.FindPolicy).OfType<NetworkPolicy>())
        {
            var candidates = policy.RulesFor(fence.Direction)
                .Select((rule, index) => (Index: index, Rule: rule, Prepared: new CompiledRule(rule, policy.Key.Namespace, options.MostSets)))
                .Where(item => HasPorts(fence, item.Prepared, alternative, branch))
                .Select(item => (item.Index, item.Rule, Sets: Sets(item.Prepared, fence.Family, alternative.Peer)))
                .Where(item => alternative.Peer is null ? item.Sets is null : item.Sets?.Any(set => set.Kind == alternative.Peer.Kind) == true)
                .ToList();
            // A set that stands for several peers has a name of its own, in which no single rule can be found again: then it is all of them.
            var exact = candidates.Where(item => alternative.Peer is null || item.Sets!.Contains(alternative.Peer)).ToList();
            origins.AddRange((exact.Count > 0 ? exact : candidates).Select(item => new RuleOrigin(
                policy, fence.Direction, item.Index,
                Peers(item.Rule, policy.Key.Namespace, fence.Family, alternative.Peer).ToEquatableArray(),
                Ports(item.Rule, fence, alternative, branch).ToEquatableArray())));
        }

        return origins;
    }

    /// <summary>The sets of a rule's peers; null for everyone.</summary>
    private static IReadOnlyList<SetId>? Sets(CompiledRule rule, IpFamily family, SetId? wanted) => wanted?.Kind == SetKind.Endpoints
        ? rule.Peers(family).NamedPortResolver(rule.Names) is { } named ? [named.Id] : []
        : rule.Peers(family).Anyone ? null : [.. rule.Peers(family).Sets.Select(static set => set.Id)];

    private bool HasPorts(Fence fence, CompiledRule rule, AllowRule alternative, PortSpan? branch) => alternative.Peer?.Kind == SetKind.Endpoints
        ? !rule.Names.IsEmpty
        : (alternative.Ports ?? branch) is { } wanted
            // An alternative is for all of a rule's neighbouring ports, a branch for those between two edges of any rule.
            ? !rule.AllPorts && Spans(fence, rule).Any(span => alternative.Ports is null ? Overlap(span, wanted) : span == wanted)
            : rule.AllPorts;

    private List<PortSpan> Spans(Fence fence, CompiledRule rule) => PortSpans.Merge(
    [
        .. rule.Spans,
        .. Named(fence).Where(port => rule.Names.Contains(port.Name, port.Protocol)).Select(static port => new PortSpan(port.Protocol, (ushort)port.Number, (ushort)port.Number)),
    ]);

    /// <summary>The fenced pods' ports with names. For egress, destinations have names of their own, and sets for them.</summary>
    private IEnumerable<ContainerPort> Named(Fence fence) => fence.Direction == Direction.Ingress && _fenced.TryGetValue(fence.Name, out var pod)
        ? pod.Ports.Where(static port => port.Name is not null)
        : [];

    private static IEnumerable<int> Peers(PolicyRule rule, string policyNamespace, IpFamily family, SetId? wanted)
    {
        var selectors = rule.Peers.Select((peer, index) => (index, Set: peer is SelectorPeer selector && PeerSelector.Of(selector, policyNamespace) is { } scope ? SetDefinition.Of(new ElementSource(scope), family).Id : null))
            .Where(static item => item.Set is not null).ToList();
        var blocks = rule.Peers.Select((peer, index) => (peer, index)).Where(item => item.peer is IpBlockPeer block && block.Cidr.Family == family).Select(static item => item.index).ToList();
        return wanted?.Kind switch
        {
            null or SetKind.Ranges => blocks,
            SetKind.Endpoints => Enumerable.Range(0, rule.Peers.Count),
            _ => selectors.Exists(item => item.Set == wanted) ? selectors.Where(item => item.Set == wanted).Select(static item => item.index) : selectors.Select(static item => item.index),
        };
    }

    private IEnumerable<int> Ports(PolicyRule rule, Fence fence, AllowRule alternative, PortSpan? branch)
    {
        var wanted = alternative.Ports ?? branch;
        for (var i = 0; i < rule.Ports.Count; i++)
        {
            var port = rule.Ports[i];
            var means = alternative.Peer?.Kind == SetKind.Endpoints ? port.Name is not null
                : wanted is { } span && (port.Name is { } name ? Named(fence).Any(one => one.Name == name && one.Protocol == port.Protocol && span.Contains(one.Protocol, one.Number)) : CompiledRule.SpanOf(port) is { } numbers && Overlap(numbers, span));
            if (means)
            {
                yield return i;
            }
        }
    }

    private static bool Overlap(PortSpan one, PortSpan other) => one.Protocol == other.Protocol && one.First <= other.Last && other.First <= one.Last;
}
