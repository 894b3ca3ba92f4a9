using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// Finds the elements of sets in the cluster's state. One instance serves one enumeration of many sets.
/// </summary>
internal sealed class ElementFinder(ClusterState state)
{
    // Both families of a set have the same members.
    private readonly Dictionary<ElementSource, List<Pod>> _members = [];

    public IReadOnlyCollection<SetElement> Find(SetDefinition definition)
    {
        var family = definition.Id.Family;
        if (definition.Id.Kind == SetKind.Ranges)
        {
            return [.. definition.Ranges.Select(SetElement.Of)];
        }

        // An address has one owner, so a single source yields it once.
        if (definition.Sources is [{ Ports: null, Selector: PodsInNamespace or PodsInSelectedNamespaces } only])
        {
            return AddressesOf(only, family);
        }

        var elements = new HashSet<SetElement>();
        foreach (var source in definition.Sources)
        {
            foreach (var pod in CandidatesFor(source.Selector))
            {
                if (AddressOf(pod, family) is { } address)
                {
                    source.Collect(pod, address, state.Namespaces.GetValueOrDefault(pod.Key.Namespace), elements);
                }
            }
        }

        return elements;
    }

    /// <summary>
    /// The addresses of the endpoints that match. Labels are compared first: this costs less than finding an address's
    /// owner.
    /// </summary>
    private List<SetElement> AddressesOf(ElementSource source, IpFamily family)
    {
        if (!_members.TryGetValue(source, out var members))
        {
            _members[source] = members = [];
            var labels = source.Selector.IndexKeys.Pods;
            foreach (var pod in CandidatesFor(source.Selector))
            {
                if (labels.Matches(pod.Labels))
                {
                    members.Add(pod);
                }
            }
        }

        var elements = new List<SetElement>(members.Count);
        foreach (var pod in members)
        {
            if (AddressOf(pod, family) is { } address)
            {
                elements.Add(SetElement.Of(address));
            }
        }

        return elements;
    }

    /// <summary>The address that a pod has as an endpoint.</summary>
    private IpAddress? AddressOf(Pod pod, IpFamily family) =>
        pod.IsEndpoint && pod.AddressOf(family) is { } address && state.Owns(pod, address) ? address : null;

    /// <summary>The pods of the namespaces that a selector can match.</summary>
    private IEnumerable<Pod> CandidatesFor(PeerSelector selector) =>
        selector switch
        {
            PodsInNamespace one => state.PodsIn(one.Namespace),
            PodsInSelectedNamespaces some => state
                .Namespaces.Values.Where(@namespace => some.Namespaces.Matches(@namespace.Labels))
                .SelectMany(@namespace => state.PodsIn(@namespace.Name)),
            _ => state.Pods,
        };
}
