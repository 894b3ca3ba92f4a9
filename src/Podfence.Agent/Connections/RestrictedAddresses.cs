using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>
/// Which fenced addresses may be refused something that they were not before: those with another fence, with a fence of other rules, and with a fence that uses a set that
/// has lost an element. Hearing notes what changed; <see cref="Take"/> works out whom it concerns.
/// </summary>
internal sealed class RestrictedAddresses
{
    private readonly Dictionary<string, Fence> _fences = [];
    private readonly Dictionary<IpAddress, FencedEndpoint> _endpoints = [];
    private readonly HashSet<IpAddress> _addresses = [];
    private readonly HashSet<string> _changedFences = [];
    private readonly HashSet<string> _shrunkSets = [];

    /// <summary>Whether there may be any.</summary>
    public bool Any => _addresses.Count + _changedFences.Count + _shrunkSets.Count > 0;

    /// <summary>Everything was replaced. What was there before is not known, so every fenced address counts.</summary>
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

    /// <summary>A change is in force.</summary>
    public void Changed(RulesetDelta delta)
    {
        foreach (var fence in delta.Fences)
        {
            if (fence.After is { } after)
            {
                _fences[after.Name] = after;

                // Nobody is behind a new fence whose own fences have not changed.
                _ = fence.Before is not null && _changedFences.Add(after.Name);
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
            _ = elements.Removed.Count > 0 && _shrunkSets.Add(set.Name);
        }
    }

    /// <summary>Takes those that came up since the last call.</summary>
    public HashSet<IpAddress> Take()
    {
        var taken = new HashSet<IpAddress>(_addresses.Where(_endpoints.ContainsKey));
        if (_changedFences.Count + _shrunkSets.Count > 0)
        {
            var fences = _fences.Values.Where(IsConcerned).Select(static fence => fence.Name).ToHashSet();
            taken.UnionWith(_endpoints.Where(endpoint => IsBehind(endpoint.Value, fences)).Select(static endpoint => endpoint.Key));
        }

        _addresses.Clear();
        _changedFences.Clear();
        _shrunkSets.Clear();
        return taken;
    }

    /// <summary>What was taken could not be dealt with.</summary>
    public void PutBack(IEnumerable<IpAddress> addresses) => _addresses.UnionWith(addresses);

    private static bool IsBehind(FencedEndpoint endpoint, HashSet<string> fences) =>
        (endpoint.Ingress is { } ingress && fences.Contains(ingress)) || (endpoint.Egress is { } egress && fences.Contains(egress));

    private bool IsConcerned(Fence fence) =>
        _changedFences.Contains(fence.Name) || fence.Rules.Any(HasShrunk) || fence.Branches.Any(branch => branch.Rules.Any(HasShrunk));

    private bool HasShrunk(AllowRule rule) => rule.Peer is { } peer && _shrunkSets.Contains(peer.Name);
}
