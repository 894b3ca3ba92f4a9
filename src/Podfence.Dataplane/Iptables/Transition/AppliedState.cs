using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>An address whose fence in a direction changes, with the fences before and after.</summary>
internal readonly record struct FenceMove(IpAddress Address, Fence? Before, Fence? After);

/// <summary>
/// What the kernel holds, as far as the next change needs it: fences, the addresses attached to them, and how often
/// chains are used. No element of a peer set.
/// </summary>
internal sealed class AppliedState
{
    private static readonly Direction[] s_directions = [Direction.Egress, Direction.Ingress];

    private readonly NodeFences _fences = new();
    private readonly Dictionary<IpAddress, FencedEndpoint> _endpoints;
    private readonly ChainReferences _chains = new();
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
                _chains.Add(new ChainName(fence.Family, chain.Name));
            }
        }

        _members = _fences.Members(_endpoints);
        _dispatch = DispatchLowering.Lower(_members, _fences.Comments);
    }

    /// <summary>Advances to the state after a delta.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="change">The same in terms of chains and sets.</param>
    /// <returns>The steps that bring the kernel there.</returns>
    public IReadOnlyList<IptStep> Next(RulesetDelta delta, out IptChange change)
    {
        var needsShadowSets = NeedsShadowSets.Check(delta, Moves(delta), IsFenced);
        var (membersBefore, dispatchBefore, commentsBefore) = (_members, _dispatch, _fences.Comments);
        var (added, removed) = ApplyFences(delta);
        ApplyEndpoints(delta);
        IpRange[] ranges = [.. _ranges.Except(delta.PodRanges.Removed), .. delta.PodRanges.Added];
        var unknown = new UnknownPodIpChange(_options, _ranges, ranges, delta.KnownPodIps);
        _ranges = ranges;
        change = new IptChange
        {
            Unknown = unknown.IsEmpty ? null : unknown,
            AddedSets = [.. delta.AddedSets.Select(static set => SetLowering.Lower(set.Key, set.Value))],
            RemovedSets = [.. delta.RemovedSets.Select(SetLowering.Lower)],
            ChangedSets = [.. delta.ChangedSets.Select(static set => SetLowering.Lower(set.Key, set.Value))],
            AddedChains = added,
            RemovedChains = removed,
            Before = dispatchBefore,
            After = _dispatch,
        };
        var plan = needsShadowSets
            ? ShadowSetPlan.Make(change, Staying(added))
            : MakeBeforeBreakPlan.Make(change, Union(membersBefore, dispatchBefore, commentsBefore));
        if (change.Unknown is null)
        {
            return plan.Steps;
        }

        // Separate runs, so that the dataplane can wait for packets in flight between them.
        UnknownPodIpPlan.AddLast(plan, unknown);
        return [.. UnknownPodIpPlan.First(unknown).Steps, .. plan.Steps];

        bool IsFenced(IpAddress address, Direction direction) =>
            (_endpoints.TryGetValue(address, out var now) && now.Fence(direction) is not null)
            || (delta.Endpoints.TryGetValue(address, out var move) && move.After?.Fence(direction) is not null);
    }

    private void ApplyEndpoints(RulesetDelta delta)
    {
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
    }

    /// <summary>The dispatch with every address attached to its old and its new fences.</summary>
    private DispatchTables Union(
        Dictionary<Membership, string> before,
        DispatchTables dispatch,
        IReadOnlyDictionary<string, string> comments
    )
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

    /// <summary>Addresses that get another fence, or whose fence changes.</summary>
    private List<FenceMove> Moves(RulesetDelta delta)
    {
        if (delta.ChangedSets.Count == 0)
        {
            return [];
        }

        var added = delta
            .Fences.Where(static fence => fence.After is not null)
            .ToDictionary(static fence => fence.After!.Name, static fence => fence.After!);
        var changed = delta
            .Fences.Where(static fence => fence.Before is not null && fence.After is not null)
            .Select(static fence => fence.After!.Name)
            .ToHashSet();
        var moves = new List<FenceMove>();
        foreach (var (address, now) in _endpoints)
        {
            var next = delta.Endpoints.TryGetValue(address, out var move) ? move.After : now;
            foreach (var direction in s_directions)
            {
                var (from, to) = (now.Fence(direction), next?.Fence(direction));
                if (from != to || (from is not null && changed.Contains(from)))
                {
                    moves.Add(new FenceMove(address, from is null ? null : _fences.Find(from), Later(to)));
                }
            }
        }

        foreach (var (address, move) in delta.Endpoints)
        {
            if (move.Before is null)
            {
                moves.AddRange(
                    s_directions.Select(direction => new FenceMove(address, null, Later(move.After!.Fence(direction))))
                );
            }
        }

        return moves;

        Fence? Later(string? name) => name is null ? null : added.GetValueOrDefault(name) ?? _fences.Find(name);
    }

    /// <summary>Adds new fences and removes old ones. A chain that another fence still uses stays.</summary>
    private (List<FamilyChain> Added, List<ChainName> Removed) ApplyFences(RulesetDelta delta)
    {
        var added = new List<FamilyChain>();
        var removed = new HashSet<ChainName>();
        foreach (var fence in delta.Fences.Select(static fence => fence.Before).OfType<Fence>())
        {
            foreach (var chain in _fences.Remove(fence.Name).Chains)
            {
                var name = new ChainName(fence.Family, chain.Name);
                if (_chains.Remove(name))
                {
                    removed.Add(name);
                }
            }
        }

        foreach (var fence in delta.Fences.Select(static fence => fence.After).OfType<Fence>())
        {
            foreach (var chain in _fences.Add(fence).Chains.Select(chain => new FamilyChain(fence.Family, chain)))
            {
                if (_chains.Add(chain.Name) && !removed.Remove(chain.Name))
                {
                    added.Add(chain);
                }
            }
        }

        return (added, [.. removed]);
    }

    /// <summary>The chains of fences that existed before and still do.</summary>
    private List<FamilyChain> Staying(List<FamilyChain> added)
    {
        var fresh = added.Select(static chain => chain.Name).ToHashSet();
        return
        [
            .. _fences
                .All.SelectMany(static fence =>
                    FenceLowering.Lower(fence).Chains.Select(chain => new FamilyChain(fence.Family, chain))
                )
                .DistinctBy(static chain => chain.Name)
                .Where(chain => !fresh.Contains(chain.Name)),
        ];
    }
}
