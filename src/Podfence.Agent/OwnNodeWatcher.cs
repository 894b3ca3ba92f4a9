using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Follows whether the API server has the agent's own node. With a wrong node name no pod is fenced, which would
/// otherwise go unnoticed.
/// </summary>
/// <param name="node">The name.</param>
/// <param name="report">Called whenever it is known whether the node exists.</param>
internal sealed class OwnNodeWatcher(string node, Action<bool> report)
{
    private bool _wasListed;

    /// <summary>Observes an event, in the order of the events.</summary>
    public void Observe(ClusterEvent change)
    {
        switch (change)
        {
            case ObjectUpserted { Item.Node: { } item } when item.Name == node:
                _wasListed = true;
                report(true);
                break;
            case ObjectRemoved { Reference: { Kind: nameof(Node) } reference } when reference.Name == node:
                report(false);
                break;
            case ListBegan { Kind: nameof(Node) }:
                _wasListed = false;
                break;
            case ListEnded { Kind: nameof(Node) } when !_wasListed:
                report(false);
                break;
        }
    }
}
