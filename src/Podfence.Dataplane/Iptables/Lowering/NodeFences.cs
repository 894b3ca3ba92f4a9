using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>Which fences a node has, and by which chains they are entered.</summary>
internal sealed class NodeFences
{
    private readonly Dictionary<string, (Fence Fence, string Entry)> _fences = [];
    private readonly Dictionary<string, (string Comment, int Uses)> _comments = [];

    /// <summary>The fences, by name.</summary>
    public IEnumerable<Fence> All => _fences.Values.Select(static fence => fence.Fence);

    /// <summary>What each entry chain says of its fence: who isolates.</summary>
    public IReadOnlyDictionary<string, string> Comments => _comments.ToDictionary(static pair => pair.Key, static pair => pair.Value.Comment);

    /// <summary>The fence of a name, or null.</summary>
    public Fence? Find(string name) => _fences.TryGetValue(name, out var found) ? found.Fence : null;

    /// <summary>Takes a fence in.</summary>
    public LoweredFence Add(Fence fence, RuleProvenanceMap? sources = null)
    {
        var lowered = FenceLowering.Lower(fence, sources);
        _fences.Add(fence.Name, (fence, lowered.Entry));
        _comments[lowered.Entry] = (PolicyComment.Of(IptLimits.Comment, fence.Policies, "isolated by "), _comments.GetValueOrDefault(lowered.Entry).Uses + 1);
        return lowered;
    }

    /// <summary>Gives a fence up.</summary>
    public LoweredFence Remove(string name)
    {
        _fences.Remove(name, out var found);
        var (comment, uses) = _comments[found.Entry];
        if (uses == 1)
        {
            _comments.Remove(found.Entry);
        }
        else
        {
            _comments[found.Entry] = (comment, uses - 1);
        }

        return FenceLowering.Lower(found.Fence);
    }

    /// <summary>Which addresses are behind which chains, with the pods' names.</summary>
    public Dictionary<Membership, string> Members(IEnumerable<KeyValuePair<IpAddress, FencedEndpoint>> endpoints)
    {
        var members = new Dictionary<Membership, string>();
        foreach (var (address, endpoint) in endpoints)
        {
            foreach (var direction in (ReadOnlySpan<Direction>)[Direction.Egress, Direction.Ingress])
            {
                if (endpoint.Fence(direction) is { } fence)
                {
                    members.Add(new Membership(direction, address, _fences[fence].Entry), CommentText.Cut(endpoint.Pod.ToString(), IptLimits.Comment)!);
                }
            }
        }

        return members;
    }
}
