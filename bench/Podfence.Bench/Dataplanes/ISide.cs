namespace Podfence.Bench;

/// <summary>One way to fence a node, in a comparison of several. Only one of them is loaded at a time.</summary>
internal interface ISide : IDisposable
{
    /// <summary>For people.</summary>
    string Name { get; }

    /// <summary>Rules that it takes, in all chains.</summary>
    int Rules { get; }

    /// <summary>From the cluster's state to rules in a kernel that has none.</summary>
    void Load();

    /// <summary>A pod that many policies admit comes, or goes.</summary>
    void ChangePeer(bool comes);

    /// <summary>A policy of a pod on this node comes, or goes.</summary>
    void ChangePolicy(bool comes);

    /// <summary>Takes all rules away.</summary>
    void Unload();
}
