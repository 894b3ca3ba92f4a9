using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// A row and column of a matrix: a group of endpoints. Names are unique, and the same in every cluster with such a
/// group.
/// </summary>
/// <param name="Name">A workload <c>shop/deployment/web</c>, a pod, a namespace, a label's value <c>team=shop</c>,
/// <c>node:worker-1</c>, <c>external 10.0.0.0/8</c>.</param>
/// <param name="Kind">What the group is of.</param>
/// <param name="Namespace">The namespace of its pods, where they have but one.</param>
/// <param name="Pods">How many pods of the input are in it; 0 for other kinds, and for a workload that states
/// none.</param>
public sealed record MatrixGroup(string Name, GroupKind Kind, string? Namespace, int Pods)
{
    /// <summary>
    /// Whether connections of this group are in scope; if not, it is only the other end of such connections.
    /// </summary>
    public bool InScope { get; init; } = true;

    /// <summary>How many of its pods some policy isolates for connections to them.</summary>
    public Isolation Ingress { get; init; }

    /// <summary>How many of its pods some policy isolates for connections from them.</summary>
    public Isolation Egress { get; init; }
}

/// <summary>How many of some pods are isolated.</summary>
public enum Isolation
{
    /// <summary>None: they accept, or send, everything.</summary>
    None,

    /// <summary>Some of them.</summary>
    Some,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>What a group is of.</summary>
public enum GroupKind
{
    /// <summary>Pods.</summary>
    Pods,

    /// <summary>Pods that do not exist yet.</summary>
    NewPods,

    /// <summary>The node that a pod runs on. It always reaches its own pods.</summary>
    OwnNode,

    /// <summary>All nodes but the one that a pod runs on.</summary>
    OtherNodes,

    /// <summary>One node.</summary>
    Node,

    /// <summary>Addresses that nothing in the cluster has.</summary>
    External,
}
