using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Turns a fenced address into the elements that dispatch its packets to its fences.</summary>
internal static class EndpointLowering
{
    private static readonly Direction[] s_directions = [Direction.Egress, Direction.Ingress];

    /// <summary>Elements with the map or set that they belong in; none for null.</summary>
    public static IEnumerable<SetMember> Lower(IpAddress address, FencedEndpoint? endpoint)
    {
        if (endpoint is null)
        {
            yield break;
        }

        var key = SetElement.Of(address);
        foreach (var direction in s_directions)
        {
            if (endpoint.Fence(direction) is { } fence)
            {
                var verdict = NftVerdict.Jump(fence);
                var element = new NftElement(key, default, verdict, NftComment.Cut(endpoint.Pod.ToString()));
                yield return new SetMember(TableLayout.Dispatch(direction, address.Family), element);
            }
        }

        yield return new SetMember(TableLayout.Self(address.Family), new NftElement(key));
    }
}
