using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>The fences of a node and the chains by which they are entered.</summary>
internal sealed class NodeFences
{
    private static readonly Direction[] s_directions = [Direction.Egress, Direction.Ingress];

    private readonly Dictionary<string, (Fence Fence, string Entry)> _fences = [];
    private readonly Dictionary<string, (string Comment, int Uses)> _comments = [];

    /// <summary>The fences, by name.</summary>
    public IEnumerable<Fence> All => _fences.Values.Select(static fence => fence.Fence);

    /// <summary>The comment of each entry chain: the policies that isolate.</summary>
    public IReadOnlyDictionary<string, string> Comments =>
        _comments.ToDictionary(static pair => pair.Key, static pair => pair.Value.Comment);

    public Fence? Find(string name) => _fences.TryGetValue(name, out var found) ? found.Fence : null;

    public LoweredFence Add(Fence fence)
    {
        var lowered = FenceLowering.Lower(fence);
        var comment = PolicyComment.Of(IptLimits.Comment, fence.Policies, "isolated by ");
        _fences.Add(fence.Name, (fence, lowered.Entry));
        _comments[lowered.Entry] = (comment, _comments.GetValueOrDefault(lowered.Entry).Uses + 1);
        return lowered;
    }

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

    /// <summary>Which addresses are attached to which chains, with the pods' names.</summary>
    public Dictionary<Membership, string> Members(IEnumerable<KeyValuePair<IpAddress, FencedEndpoint>> endpoints)
    {
        var members = new Dictionary<Membership, string>();
        foreach (var (address, endpoint) in endpoints)
        {
            var pod = CommentText.Cut(endpoint.Pod.ToString(), IptLimits.Comment)!;
            foreach (var direction in s_directions)
            {
                if (endpoint.Fence(direction) is { } fence)
                {
                    members.Add(new Membership(direction, address, _fences[fence].Entry), pod);
                }
            }
        }

        return members;
    }
}
