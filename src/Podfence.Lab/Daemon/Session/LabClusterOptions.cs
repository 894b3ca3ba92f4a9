using System.Net;

namespace Podfence.Lab;

/// <summary>How a cluster is created.</summary>
public sealed record LabClusterOptions
{
    /// <summary>The network's options.</summary>
    public LabNetworkOptions Network { get; init; } = new();

    /// <summary>
    /// The command line, program first, of the process that enforces policies on a node and speaks the protocol of
    /// <see cref="FenceMessage"/>. Null: policies are not enforced. Not used with an API server.
    /// </summary>
    public Func<string, IReadOnlyList<string>>? FenceCommand { get; init; }

    /// <summary>
    /// The command line of an agent by node name, kubeconfig and status socket. If set, the lab has an API server, and
    /// agents that watch it enforce the policies. Default: null.
    /// </summary>
    public Func<string, string, string, IReadOnlyList<string>>? AgentCommand { get; init; }

    /// <summary>
    /// Whether the lab has an API server. Without <see cref="AgentCommand"/>, policies are then not enforced. Default:
    /// only if there are agents.
    /// </summary>
    public bool HasApiServer { get; init; }

    /// <summary>How long the nodes may take to confirm a change. Default: 20 seconds.</summary>
    public TimeSpan FenceTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The address at which nodes reach the API server, given its own: for tests with a proxy in between. Default: the
    /// server's own.
    /// </summary>
    internal Func<IPEndPoint, IPEndPoint>? ProxyServer { get; init; }
}
