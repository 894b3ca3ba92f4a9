using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Hears which addresses pods of one node let go: the pod is gone or has ended, or the address is another pod's. A pod of the same name that was created later is another pod.
/// </summary>
internal sealed class ReleasedAddresses(string nodeName) : IClusterObserver
{
    private HashSet<IpAddress> _addresses = [];

    /// <summary>Whether there are any.</summary>
    public bool Any => _addresses.Count > 0;

    /// <summary>Whether what is heard counts. While a source tells what there is, addresses go from pod to pod in the order of telling.</summary>
    public bool IsListening { get; set; }

    /// <summary>Takes those that have been let go since the last call.</summary>
    public HashSet<IpAddress> Take()
    {
        var taken = _addresses;
        _addresses = [];
        return taken;
    }

    /// <summary>What was taken could not be dealt with.</summary>
    public void PutBack(IEnumerable<IpAddress> addresses) => _addresses.UnionWith(addresses);

    /// <inheritdoc/>
    public void EndpointChanged(IpAddress address, Pod? before, Pod? after)
    {
        var isAnother = before is not null && (after is null || before.Key != after.Key || before.CreatedAt != after.CreatedAt);
        if (IsListening && isAnother && string.Equals(before!.NodeName, nodeName, StringComparison.Ordinal))
        {
            _addresses.Add(address);
        }
    }

    /// <inheritdoc/>
    public void NamespaceChanged(Namespace? before, Namespace? after)
    {
    }

    /// <inheritdoc/>
    public void NodeChanged(Node? before, Node? after)
    {
    }

    /// <inheritdoc/>
    public void PolicyChanged(NetworkPolicy? before, NetworkPolicy? after)
    {
    }
}
