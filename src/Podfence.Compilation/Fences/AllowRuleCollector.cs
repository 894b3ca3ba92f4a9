using System.Runtime.InteropServices;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>Collects the allow rules of a fence. Policies must be added one after another.</summary>
internal sealed class AllowRuleCollector
{
    private const string MatchesAny = "";

    private readonly Dictionary<RuleKey, RuleContent> _rules = [];

    /// <summary>Adds a rule for each set of a compiled rule's peers.</summary>
    public void AddPeers(PolicyKey policy, CompiledPeers peers, PortRange? ports)
    {
        if (peers.MatchesAny)
        {
            Add(policy, null, ports);
            return;
        }

        foreach (var set in peers.Sets)
        {
            Add(policy, set, ports);
        }
    }

    /// <param name="policy">The policy that allows it.</param>
    /// <param name="set">The peer; null for any peer.</param>
    /// <param name="ports">The ports; null for every port of every protocol.</param>
    public void Add(PolicyKey policy, SetDefinition? set, PortRange? ports)
    {
        ref var content = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _rules,
            new(ports, NameOf(set)),
            out var exists
        );
        if (!exists)
        {
            content = new(set, [policy]);
        }
        else if (content.Policies[^1] != policy)
        {
            // Policies are added one after another, so only the last one can be in the list already.
            content.Policies.Add(policy);
        }
    }

    /// <summary>
    /// The rules in a stable order: those without ports first, then by ports and name of the peer's set.
    /// </summary>
    public List<PeerOnPorts> ToSortedList()
    {
        if (_rules.TryGetValue(new(null, MatchesAny), out var everything))
        {
            return [new(null, new AllowedPeer(null, everything.Policies))];
        }

        var sorted = new List<PeerOnPorts>(_rules.Count);
        foreach (var (key, content) in _rules)
        {
            sorted.Add(new(key.Ports, new AllowedPeer(content.Set, content.Policies)));
        }

        sorted.Sort(
            static (one, other) =>
            {
                var order = (one.Ports is not null).CompareTo(other.Ports is not null);
                order = order != 0 ? order : one.Ports.GetValueOrDefault().CompareTo(other.Ports.GetValueOrDefault());
                return order != 0 ? order : string.CompareOrdinal(NameOf(one.Peer.Set), NameOf(other.Peer.Set));
            }
        );
        return sorted;
    }

    private static string NameOf(SetDefinition? set) => set?.Id.Name ?? MatchesAny;

    private readonly record struct RuleKey(PortRange? Ports, string SetName);

    private readonly record struct RuleContent(SetDefinition? Set, List<PolicyKey> Policies);
}
