using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>What the kernel holds, as far as the next change needs to know: fences, who is behind them, and how often chains are used. No element of a set of peers.</summary>
internal sealed class AppliedState
{
    private static readonly Direction[] s_directions = [Direction.Egress, Direction.Ingress];

    private readonly NodeFences _fences = new();
    private readonly Dictionary<IpAddress, FencedEndpoint> _endpoints;
    private readonly Dictionary<(IpFamily Family, string Chain), int> _uses = [];
    private readonly RulesetOptions _options;
    private IReadOnlyCollection<IpRange> _ranges;
    private DispatchTables _dispatch;
    private Dictionary<Membership, string> _members;

    public AppliedState(Ruleset ruleset)
    {
        _endpoints = new Dictionary<IpAddress, FencedEndpoint>(ruleset.Endpoints);
        (_options, _ranges) = (ruleset.Options, ruleset.PodRanges);
        foreach (var fence in ruleset.Fences.Values)
        {
            foreach (var chain in _fences.Add(fence).Chains)
            {
                Use(fence.Family, chain.Name);
            }
        }

        _members = _fences.Members(_endpoints);
        _dispatch = DispatchLowering.Lower(_members, _fences.Comments);
    }

    /// <summary>Goes on to what a change leads to.</summary>
    /// <param name="delta">The change.</param>
    /// <param name="change">The same in terms of chains and sets.</param>
    /// <returns>The steps that bring the kernel there.</returns>
    public IReadOnlyList<IptStep> Next(RulesetDelta delta, out IptChange change)
    {
        var moves = Moves(delta);
        var before = (Members: _members, Dispatch: _dispatch, Comments: _fences.Comments, _endpoints);
        var conflict = NeedsShadowSets.Exists(delta, moves, (address, direction) =>
            (_endpoints.TryGetValue(address, out var now) && now.Fence(direction) is not null)
            || (delta.Endpoints.TryGetValue(address, out var move) && move.After?.Fence(direction) is not null));

        var (added, removed) = TakeFences(delta);
        foreach (var (address, endpoint) in delta.Endpoints)
        {
            if (endpoint.After is { } after)
            {
                _endpoints[address] = after;
            }
            else
            {
                _endpoints.Remove(address);
            }
        }

        if (delta.Endpoints.Count + delta.Fences.Count > 0)
        {
            _members = _fences.Members(_endpoints);
            _dispatch = DispatchLowering.Lower(_members, _fences.Comments);
        }

        var unknown = new UnknownPodIpChange(_options, _ranges, [.. _ranges.Except(delta.PodRanges.Removed), .. delta.PodRanges.Added], delta.KnownPodIps);
        _ranges = unknown.After;
        change = new IptChange
        {
            Unknown = unknown.IsEmpty ? null : unknown,
            AddedSets = [.. delta.AddedSets.Select(static set => SetLowering.Lower(set.Key, set.Value))],
            RemovedSets = [.. delta.RemovedSets.Select(SetLowering.Lower)],
            ChangedSets = [.. delta.ChangedSets.Select(static set =>
                new IptSetChange(SetLowering.Lower(set.Key), SetLowering.Elements(set.Key, set.Value.Added), SetLowering.Elements(set.Key, set.Value.Removed)))],
            AddedChains = added,
            RemovedChains = removed,
            Before = before.Dispatch,
            After = _dispatch,
        };
        var plan = conflict ? ShadowSetPlan.Make(change, Staying(added)) : MakeBeforeBreakPlan.Make(change, Both(before.Members, before.Dispatch, before.Comments));
        if (change.Unknown is null)
        {
            return plan.Steps;
        }

        // Runs of their own, after which packets can be waited for.
        UnknownPodIpPlan.AddLast(plan, unknown);
        return [.. UnknownPodIpPlan.First(unknown).Steps, .. plan.Steps];
    }

    /// <summary>The dispatch with everybody behind the old and the new fences.</summary>
    private DispatchTables Both(Dictionary<Membership, string> before, DispatchTables dispatch, IReadOnlyDictionary<string, string> comments)
    {
        if (ReferenceEquals(before, _members))
        {
            return dispatch;
        }

        var members = new Dictionary<Membership, string>(before);
        foreach (var (member, pod) in _members)
        {
            members[member] = pod;
        }

        var all = new Dictionary<string, string>(comments);
        foreach (var (chain, comment) in _fences.Comments)
        {
            all[chain] = comment;
        }

        return DispatchLowering.Lower(members, all);
    }

    /// <summary>Addresses that change fences: by another fence, or because theirs changes.</summary>
    private List<(IpAddress Address, Fence? Before, Fence? After)> Moves(RulesetDelta delta)
    {
        if (delta.ChangedSets.Count == 0)
        {
            return [];
        }

        var changed = delta.Fences.Where(static fence => fence.Before is not null && fence.After is not null).ToDictionary(static fence => fence.After!.Name, static fence => fence.After!);
        var added = delta.Fences.Where(static fence => fence.After is not null).ToDictionary(static fence => fence.After!.Name, static fence => fence.After!);
        var moves = new List<(IpAddress, Fence?, Fence?)>();
        foreach (var (address, now) in _endpoints)
        {
            var next = delta.Endpoints.TryGetValue(address, out var move) ? move.After : now;
            foreach (var direction in s_directions)
            {
                var (from, to) = (now.Fence(direction), next?.Fence(direction));
                if (from != to || (from is not null && changed.ContainsKey(from)))
                {
                    moves.Add((address, from is null ? null : _fences.Find(from), Later(to)));
                }
            }
        }

        foreach (var (address, move) in delta.Endpoints)
        {
            if (move.Before is null)
            {
                moves.AddRange(s_directions.Select(direction => (address, (Fence?)null, Later(move.After!.Fence(direction)))));
            }
        }

        return moves;

        Fence? Later(string? name) => name is null ? null : added.GetValueOrDefault(name) ?? _fences.Find(name);
    }

    /// <summary>Takes new fences in and gives old ones up. A chain that another fence still leads to stays.</summary>
    private (List<(IpFamily Family, IptChain Chain)> Added, List<(IpFamily Family, string Chain)> Removed) TakeFences(RulesetDelta delta)
    {
        var fresh = new List<(IpFamily Family, IptChain Chain)>();
        var gone = new HashSet<(IpFamily Family, string Chain)>();
        foreach (var fence in delta.Fences)
        {
            if (fence.Before is { } before)
            {
                foreach (var chain in _fences.Remove(before.Name).Chains)
                {
                    if (Release(before.Family, chain.Name))
                    {
                        gone.Add((before.Family, chain.Name));
                    }
                }
            }
        }

        foreach (var fence in delta.Fences)
        {
            if (fence.After is { } after)
            {
                foreach (var chain in _fences.Add(after).Chains)
                {
                    if (Use(after.Family, chain.Name) && !gone.Remove((after.Family, chain.Name)))
                    {
                        fresh.Add((after.Family, chain));
                    }
                }
            }
        }

        return (fresh, [.. gone]);
    }

    /// <summary>The chains of fences that were there before and still are.</summary>
    private List<(IpFamily Family, IptChain Chain)> Staying(List<(IpFamily Family, IptChain Chain)> added)
    {
        var fresh = added.Select(static item => (item.Family, item.Chain.Name)).ToHashSet();
        return [.. _fences.All.SelectMany(static fence => FenceLowering.Lower(fence).Chains.Select(chain => (fence.Family, Chain: chain)))
            .DistinctBy(static item => (item.Family, item.Chain.Name)).Where(item => !fresh.Contains((item.Family, item.Chain.Name)))];
    }

    private bool Use(IpFamily family, string chain)
    {
        var uses = _uses.GetValueOrDefault((family, chain));
        _uses[(family, chain)] = uses + 1;
        return uses == 0;
    }

    private bool Release(IpFamily family, string chain)
    {
        var uses = _uses[(family, chain)] - 1;
        if (uses == 0)
        {
            _uses.Remove((family, chain));
            return true;
        }

        _uses[(family, chain)] = uses;
        return false;
    }
}
