using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Collects the addresses that pods of one node have released: the pod was deleted or has ended, or the address belongs
/// to another pod now. A pod of the same name that was created later is another pod.
/// </summary>
internal sealed class ReleasedAddresses(string nodeName) : IClusterObserver
{
    private HashSet<IpAddress> _addresses = [];

    public bool Any => _addresses.Count > 0;

    /// <summary>
    /// Whether changes are collected. In the first list, an address may move from pod to pod only because of the order
    /// of the objects.
    /// </summary>
    public bool IsEnabled { get; set; }

    /// <summary>Takes the addresses that were released since the last call.</summary>
    public HashSet<IpAddress> Take()
    {
        var taken = _addresses;
        _addresses = [];
        return taken;
    }

    /// <summary>Puts addresses back that could not be handled.</summary>
    public void PutBack(IEnumerable<IpAddress> addresses) => _addresses.UnionWith(addresses);

    /// <inheritdoc/>
    public void EndpointChanged(IpAddress address, Pod? before, Pod? after)
    {
        var isReleased =
            before is not null && (after is null || before.Key != after.Key || before.CreatedAt != after.CreatedAt);
        if (IsEnabled && isReleased && string.Equals(before!.NodeName, nodeName, StringComparison.Ordinal))
        {
            _addresses.Add(address);
        }
    }
}
