namespace Podfence.Dataplane.Iptables;

/// <summary>Counts by how many fences each chain is used: fences share chains of equal content.</summary>
internal sealed class ChainReferences
{
    private readonly Dictionary<ChainName, int> _uses = [];

    /// <summary>Adds a use.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool Add(ChainName chain)
    {
        var uses = _uses.GetValueOrDefault(chain);
        _uses[chain] = uses + 1;
        return uses == 0;
    }

    /// <summary>Removes a use.</summary>
    /// <returns>Whether it was the last.</returns>
    public bool Remove(ChainName chain)
    {
        var uses = _uses[chain] - 1;
        if (uses == 0)
        {
            _uses.Remove(chain);
            return true;
        }

        _uses[chain] = uses;
        return false;
    }
}
