using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>One rule that is in force: its peers, and the ports that it opens.</summary>
/// <param name="List">The list of peers (<see cref="PeerLists"/>).</param>
/// <param name="Ports">The number of its ports; of a rule that names ports, those that need no name.</param>
/// <param name="Named">The rule where its ports have names, which are resolved on each destination; else null.</param>
internal readonly record struct SideRule(int List, int Ports, PolicyRule? Named);

/// <summary>Sets of policies that isolate some pod, and the rules that follow from them.</summary>
internal sealed class SideRules
{
    /// <summary>The set of a pod that no policy isolates.</summary>
    public const int Open = -1;

    private readonly Dictionary<string, (NetworkPolicy Policy, SideRule[] Rules)[]> _policies = new(
        StringComparer.Ordinal
    );
    private readonly Dictionary<(string Namespace, int Labels), int> _known = [];
    private readonly Interner<int[]> _sets = new(SequenceComparer.Instance);
    private readonly List<SideRule[]> _rules = [];
    private readonly Dictionary<string, int> _firstOf = new(StringComparer.Ordinal);

    /// <summary>Adds every policy's rules for the direction.</summary>
    public SideRules(Direction direction, IEnumerable<NetworkPolicy> policies, PeerLists lists, PortSetPool ports)
    {
        var entered = 0;
        foreach (
            var home in policies
                .Where(policy => policy.Isolates(direction))
                .GroupBy(static policy => policy.Key.Namespace, StringComparer.Ordinal)
                .OrderBy(static home => home.Key, StringComparer.Ordinal)
        )
        {
            _firstOf[home.Key] = entered;
            _policies[home.Key] =
            [
                .. home.OrderBy(static policy => policy.Key)
                    .Select(policy =>
                        (
                            policy,
                            policy.RulesFor(direction).Select(rule => AddRule(policy, rule, lists, ports)).ToArray()
                        )
                    ),
            ];
            entered += _policies[home.Key].Length;
        }
    }

    /// <summary>The rules of a set.</summary>
    public SideRule[] this[int set] => _rules[set];

    /// <summary>The policies that isolate a pod, as a set's number, or <see cref="Open"/>.</summary>
    public int SetOf(string @namespace, int labels, LabelSet content)
    {
        if (!_policies.TryGetValue(@namespace, out var policies))
        {
            return Open;
        }

        if (!_known.TryGetValue((@namespace, labels), out var set))
        {
            var isolating = Enumerable
                .Range(0, policies.Length)
                .Where(i => policies[i].Policy.PodSelector.SelectsSubject(content))
                .ToArray();
            set = isolating.Length == 0 ? Open : _sets.Of([.. isolating.Select(i => _firstOf[@namespace] + i)]);
            if (set == _rules.Count)
            {
                _rules.Add([.. isolating.SelectMany(i => policies[i].Rules).Distinct()]);
            }

            _known[(@namespace, labels)] = set;
        }

        return set;
    }

    private static SideRule AddRule(NetworkPolicy policy, PolicyRule rule, PeerLists lists, PortSetPool ports) =>
        new(
            lists.Add(policy, rule),
            ports.IdOf(RulePorts.Of(rule, null)),
            rule.Ports.Any(static port => port.Name is not null) ? rule : null
        );
}
