using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Turns a fenced address into the elements that lead its packets to its fences.</summary>
internal static class EndpointLowering
{
    private static readonly Direction[] s_directions = [Direction.Egress, Direction.Ingress];

    /// <summary>Elements with the map or set that they belong in; none for null.</summary>
    public static IEnumerable<(NftSet Set, NftElement Element)> Lower(IpAddress address, FencedEndpoint? endpoint)
    {
        if (endpoint is null)
        {
            yield break;
        }

        foreach (var direction in s_directions)
        {
            if (endpoint.Fence(direction) is { } fence)
            {
                var element = new NftElement(SetElement.Of(address), default, NftVerdict.Jump(fence), NftComment.Cut(endpoint.Pod.ToString()));
                yield return (TableLayout.Dispatch(direction, address.Family), element);
            }
        }

        yield return (TableLayout.Self(address.Family), new NftElement(SetElement.Of(address)));
    }
}
