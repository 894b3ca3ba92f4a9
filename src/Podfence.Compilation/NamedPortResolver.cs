using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>Names of ports: which ones policies use, and which numbers a pod gives them.</summary>
internal static class NamedPortResolver
{
    /// <summary>How a pod resolves every name that the rules use, in a stable order.</summary>
    public static EquatableArray<ResolvedPort> Resolve(Pod pod, IEnumerable<PolicyRule> rules)
    {
        SortedSet<(string Name, Protocol Protocol)>? names = null;
        foreach (var rule in rules)
        {
            foreach (var port in rule.Ports)
            {
                if (port.Name is not null)
                {
                    (names ??= new(ByName)).Add((port.Name, port.Protocol));
                }
            }
        }

        return names is null ? default : names.Select(port => new ResolvedPort(port.Name, port.Protocol, Numbers(pod, port.Name, port.Protocol))).ToEquatableArray();
    }

    /// <summary>The numbers of a name on a pod, ascending: containers may declare the same name more than once, and all of them count.</summary>
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

    /// <summary>Orders names, then protocols.</summary>
    internal static IComparer<(string Name, Protocol Protocol)> ByName { get; } = Comparer<(string Name, Protocol Protocol)>.Create(static (x, y) =>
    {
        var order = string.CompareOrdinal(x.Name, y.Name);
        return order != 0 ? order : x.Protocol.CompareTo(y.Protocol);
    });
}
