using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// What pods declare under the names that some rule uses: pods that agree in it are the same to every named port.
/// </summary>
internal sealed class PortNames
{
    /// <summary>Nodes and external addresses have no named ports.</summary>
    public const int Nothing = 0;

    private readonly HashSet<(string, Protocol)> _used;
    private readonly Interner<EquatableArray<ContainerPort>> _declared = new();
    private readonly PortSetPool _pool;
    private readonly Dictionary<(PolicyRule Rule, int Names), int> _ports = [];

    public PortNames(IEnumerable<NetworkPolicy> policies, PortSetPool pool)
    {
        _pool = pool;
        _used = policies
            .SelectMany(static policy => policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress)))
            .SelectMany(static rule => rule.Ports)
            .Where(static port => port.Name is not null)
            .Select(static port => (port.Name!, port.Protocol))
            .ToHashSet();
        _declared.Of(default);
    }

    /// <summary>The number of what a pod declares.</summary>
    public int Of(Pod? pod) =>
        pod is null || pod.Ports.IsEmpty
            ? Nothing
            : _declared.Of(
                pod.Ports.Where(port => port.Name is not null && _used.Contains((port.Name, port.Protocol)))
                    .Distinct()
                    .OrderBy(static port => port.Name, StringComparer.Ordinal)
                    .ThenBy(static port => port.Protocol)
                    .ThenBy(static port => port.Number)
                    .ToEquatableArray()
            );

    /// <summary>The ports of a rule on a destination that declares these names.</summary>
    public int PortsOf(in SideRule rule, int names)
    {
        if (rule.Named is null || names == Nothing)
        {
            return rule.Ports;
        }

        if (!_ports.TryGetValue((rule.Named, names), out var ports))
        {
            var destination = new Pod { Key = default, Ports = _declared[names] };
            _ports[(rule.Named, names)] = ports = _pool.IdOf(RulePorts.Of(rule.Named, destination));
        }

        return ports;
    }
}
