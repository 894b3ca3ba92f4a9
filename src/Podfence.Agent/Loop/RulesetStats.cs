using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>The size of the ruleset in the kernel.</summary>
/// <param name="Fences">Fences: one per direction, family and set of policies.</param>
/// <param name="Rules">Allow rules of all fences; a packet filter may need several rules for one.</param>
/// <param name="Sets">Address sets.</param>
/// <param name="Elements">Elements of all sets.</param>
/// <param name="Addresses">Fenced addresses.</param>
/// <param name="Pods">Fenced pods.</param>
/// <param name="Policies">Policies that isolate a pod of this node.</param>
public readonly record struct RulesetStats(
    int Fences,
    int Rules,
    int Sets,
    long Elements,
    int Addresses,
    int Pods,
    int Policies
);

/// <summary>
/// Keeps a <see cref="RulesetStats"/> up to date at a cost proportional to each change: reading the kernel, or counting
/// everything, would be slow on a large node.
/// </summary>
internal sealed class RulesetStatsCounter
{
    private readonly Dictionary<SetId, int> _elements = [];
    private readonly Dictionary<PodKey, int> _addressesOfPod = [];
    private readonly Dictionary<PolicyKey, int> _fencesOfPolicy = [];
    private int _fences;
    private int _rules;
    private int _addresses;
    private long _total;

    public RulesetStats Current =>
        new(_fences, _rules, _elements.Count, _total, _addresses, _addressesOfPod.Count, _fencesOfPolicy.Count);

    public void Replace(Ruleset ruleset)
    {
        _elements.Clear();
        _addressesOfPod.Clear();
        _fencesOfPolicy.Clear();
        (_fences, _rules, _addresses, _total) = (0, 0, 0, 0);
        foreach (var (id, elements) in ruleset.Sets)
        {
            Resize(id, elements.Count());
        }

        foreach (var fence in ruleset.Fences.Values)
        {
            Count(fence, 1);
        }

        foreach (var endpoint in ruleset.Endpoints.Values)
        {
            Count(endpoint, 1);
        }
    }

    public void Apply(RulesetDelta delta)
    {
        foreach (var (id, elements) in delta.AddedSets)
        {
            Resize(id, elements.Count);
        }

        foreach (var (id, change) in delta.ChangedSets)
        {
            Resize(id, _elements.GetValueOrDefault(id) + change.Added.Count - change.Removed.Count);
        }

        foreach (var id in delta.RemovedSets)
        {
            Resize(id, 0);
            _elements.Remove(id);
        }

        foreach (var (before, after) in delta.Fences)
        {
            Count(before, -1);
            Count(after, 1);
        }

        foreach (var (before, after) in delta.Endpoints.Values)
        {
            Count(before, -1);
            Count(after, 1);
        }
    }

    private static void Tally<T>(Dictionary<T, int> counts, T key, int by)
        where T : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }

    private void Resize(SetId id, int elements)
    {
        _total += elements - _elements.GetValueOrDefault(id);
        _elements[id] = elements;
    }

    private void Count(Fence? fence, int by)
    {
        if (fence is not null)
        {
            _fences += by;
            _rules += by * (fence.Rules.Count + fence.Branches.Sum(static branch => branch.Rules.Count));
            foreach (var policy in fence.Policies)
            {
                Tally(_fencesOfPolicy, policy, by);
            }
        }
    }

    private void Count(FencedEndpoint? endpoint, int by)
    {
        if (endpoint is not null)
        {
            _addresses += by;
            Tally(_addressesOfPod, endpoint.Pod, by);
        }
    }
}
