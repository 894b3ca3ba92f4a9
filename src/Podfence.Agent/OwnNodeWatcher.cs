using Podfence.Model;

namespace Podfence.Agent;

/// <summary>Follows whether the API server has the agent's own node. A name that it does not know fences nobody, and nobody would notice.</summary>
/// <param name="node">The name.</param>
/// <param name="tell">Told whenever something is known of it.</param>
internal sealed class OwnNodeWatcher(string node, Action<bool> tell)
{
    private bool _wasListed;

    /// <summary>Hears an event in its place among the others.</summary>
    public void Hear(ClusterEvent change)
    {
        switch (change)
        {
            case ObjectUpserted { Item.Node: { } item } when item.Name == node:
                _wasListed = true;
                tell(true);
                break;
            case ObjectRemoved { Reference: { Kind: nameof(Node) } reference } when reference.Name == node:
                tell(false);
                break;
            case ListBegan { Kind: nameof(Node) }:
                _wasListed = false;
                break;
            case ListEnded { Kind: nameof(Node) } when !_wasListed:
                tell(false);
                break;
        }
    }
}
