using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>
/// Collects the fenced addresses that may be denied something that was allowed before: those with another fence, with a
/// fence of other rules, or with a fence that uses a set that has lost an element. Observing only records what changed;
/// <see cref="Take"/> computes the addresses.
/// </summary>
internal sealed class RestrictedAddresses
{
    private readonly Dictionary<string, Fence> _fences = [];
    private readonly Dictionary<IpAddress, FencedEndpoint> _endpoints = [];
    private readonly HashSet<IpAddress> _addresses = [];
    private readonly HashSet<string> _changedFences = [];
    private readonly HashSet<string> _shrunkSets = [];

    public bool Any => _addresses.Count + _changedFences.Count + _shrunkSets.Count > 0;

    /// <summary>The ruleset was replaced. The rules before are not known, so every fenced address counts.</summary>
    public void Replaced(Ruleset ruleset)
    {
        _fences.Clear();
        _endpoints.Clear();
        foreach (var (name, fence) in ruleset.Fences)
        {
            _fences[name] = fence;
        }

        foreach (var (address, endpoint) in ruleset.Endpoints)
        {
            _endpoints[address] = endpoint;
            _addresses.Add(address);
        }
    }

    public void Changed(RulesetDelta delta)
    {
        foreach (var fence in delta.Fences)
        {
            if (fence.After is { } after)
            {
                _fences[after.Name] = after;

                // The addresses of a new fence are among the changed endpoints.
                if (fence.Before is not null)
                {
                    _changedFences.Add(after.Name);
                }
            }
            else
            {
                _fences.Remove(fence.Before!.Name);
            }
        }

        foreach (var (address, endpoint) in delta.Endpoints)
        {
            if (endpoint.After is { } after)
            {
                _endpoints[address] = after;
                _addresses.Add(address);
            }
            else
            {
                _endpoints.Remove(address);
            }
        }

        foreach (var (set, elements) in delta.ChangedSets)
        {
            if (elements.Removed.Count > 0)
            {
                _shrunkSets.Add(set.Name);
            }
        }
    }

    /// <summary>Takes the addresses that were restricted since the last call.</summary>
    public HashSet<IpAddress> Take()
    {
        var taken = new HashSet<IpAddress>(_addresses.Where(_endpoints.ContainsKey));
        if (_changedFences.Count + _shrunkSets.Count > 0)
        {
            var fences = _fences.Values.Where(MayDenyMore).Select(static fence => fence.Name).ToHashSet();
            taken.UnionWith(
                _endpoints.Where(endpoint => HasFence(endpoint.Value, fences)).Select(static endpoint => endpoint.Key)
            );
        }

        _addresses.Clear();
        _changedFences.Clear();
        _shrunkSets.Clear();
        return taken;
    }

    /// <summary>Puts addresses back that could not be handled.</summary>
    public void PutBack(IEnumerable<IpAddress> addresses) => _addresses.UnionWith(addresses);

    private static bool HasFence(FencedEndpoint endpoint, HashSet<string> fences) =>
        (endpoint.Ingress is { } ingress && fences.Contains(ingress))
        || (endpoint.Egress is { } egress && fences.Contains(egress));

    private bool MayDenyMore(Fence fence) =>
        _changedFences.Contains(fence.Name)
        || fence.Rules.Any(HasShrunk)
        || fence.Branches.Any(branch => branch.Rules.Any(HasShrunk));

    private bool HasShrunk(AllowRule rule) => rule.Peer is { } peer && _shrunkSets.Contains(peer.Name);
}
