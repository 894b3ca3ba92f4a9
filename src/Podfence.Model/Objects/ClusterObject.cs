namespace Podfence.Model;

/// <summary>One object of the cluster, of any of the four kinds: exactly one of the properties is set.</summary>
public readonly record struct ClusterObject
{
    /// <summary>The pod, or null.</summary>
    public Pod? Pod { get; private init; }

    /// <summary>The namespace, or null.</summary>
    public Namespace? Namespace { get; private init; }

    /// <summary>The node, or null.</summary>
    public Node? Node { get; private init; }

    /// <summary>The policy, or null.</summary>
    public NetworkPolicy? Policy { get; private init; }

    /// <summary>Where the object was read.</summary>
    public SourceLocation Location =>
        Pod?.Location ?? Namespace?.Location ?? Node?.Location ?? Policy?.Location ?? default;

    /// <summary>Kind and name.</summary>
    public ObjectReference Reference =>
        this switch
        {
            { Pod: { } pod } => new(nameof(Pod), pod.Key.Namespace, pod.Key.Name),
            { Namespace: { } @namespace } => new(nameof(Namespace), null, @namespace.Name),
            { Node: { } node } => new(nameof(Node), null, node.Name),
            { Policy: { } policy } => new(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name),
            _ => default,
        };

    /// <summary>Wraps a pod.</summary>
    public static ClusterObject Of(Pod pod) => new() { Pod = pod };

    /// <summary>Wraps a namespace.</summary>
    public static ClusterObject Of(Namespace @namespace) => new() { Namespace = @namespace };

    /// <summary>Wraps a node.</summary>
    public static ClusterObject Of(Node node) => new() { Node = node };

    /// <summary>Wraps a policy.</summary>
    public static ClusterObject Of(NetworkPolicy policy) => new() { Policy = policy };
}
