using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>Resolves the port names that policies use to the numbers that a pod gives them.</summary>
internal static class NamedPortResolver
{
    /// <summary>How a pod resolves every port name that the rules use, in a stable order.</summary>
    public static EquatableArray<ResolvedPort> Resolve(Pod pod, IEnumerable<PolicyRule> rules)
    {
        SortedSet<PortName>? names = null;
        foreach (var rule in rules)
        {
            foreach (var port in rule.Ports)
            {
                if (port.Name is not null)
                {
                    (names ??= []).Add(new(port.Name, port.Protocol));
                }
            }
        }

        return names is null
            ? default
            : names
                .Select(port => new ResolvedPort(port.Name, port.Protocol, Numbers(pod, port.Name, port.Protocol)))
                .ToEquatableArray();
    }

    /// <summary>
    /// The numbers of a name on a pod, ascending: containers may declare one name more than once, and all of them
    /// count.
    /// </summary>
    public static EquatableArray<int> Numbers(Pod pod, string name, Protocol protocol)
    {
        SortedSet<int>? numbers = null;
        foreach (var port in pod.Ports)
        {
            if (port.Protocol == protocol && string.Equals(port.Name, name, StringComparison.Ordinal))
            {
                (numbers ??= []).Add(port.Number);
            }
        }

        return numbers is null ? default : numbers.ToEquatableArray();
    }
}
