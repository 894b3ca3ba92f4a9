using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>A kind of objects to watch.</summary>
public sealed record WatchedKind
{
    private WatchedKind(string name, string path, bool hasHeartbeat = false)
    {
        Name = name;
        Path = path;
        HasHeartbeat = hasHeartbeat;
    }

    /// <summary>Pods of all namespaces.</summary>
    public static WatchedKind Pods { get; } = new(nameof(Pod), "/api/v1/pods");

    /// <summary>Namespaces.</summary>
    public static WatchedKind Namespaces { get; } = new(nameof(Namespace), "/api/v1/namespaces");

    /// <summary>Nodes.</summary>
    public static WatchedKind Nodes { get; } = new(nameof(Node), "/api/v1/nodes", hasHeartbeat: true);

    /// <summary>NetworkPolicies of all namespaces.</summary>
    public static WatchedKind NetworkPolicies { get; } =
        new(nameof(NetworkPolicy), "/apis/networking.k8s.io/v1/networkpolicies");

    /// <summary>All kinds that policy needs.</summary>
    public static IReadOnlyList<WatchedKind> All { get; } = [Namespaces, Nodes, NetworkPolicies, Pods];

    /// <summary>The kind, such as <c>Pod</c>.</summary>
    public string Name { get; }

    /// <summary>The collection's path.</summary>
    public string Path { get; }

    /// <summary>
    /// Whether objects are updated all the time without a relevant change, so that it pays to keep what was sent last.
    /// </summary>
    internal bool HasHeartbeat { get; }
}
