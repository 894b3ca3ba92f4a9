using Podfence.Compilation;
using Podfence.Kubernetes;

namespace Podfence.Agent;

/// <summary>Settings of a <see cref="NodeAgent"/>.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>The node whose pods are fenced, by its name in the API.</summary>
    public required string NodeName { get; init; }

    /// <summary>The name of the dataplane, for the log.</summary>
    public required string Dataplane { get; init; }

    /// <summary>Settings of the compiler.</summary>
    public CompilerOptions Compiler { get; init; } = new();

    /// <summary>Timing of the reconcile loop.</summary>
    public ReconcileOptions Reconcile { get; init; } = new();

    /// <summary>Timing of the reflectors.</summary>
    public ReflectorOptions Reflector { get; init; } = new();

    /// <summary>Where probes and metrics are served; nowhere by default.</summary>
    public OperationsEndpoints Endpoints { get; init; } = new(null, null);

    /// <summary>Minimum time between two sync points. 50 ms by default.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A loop that has not worked for longer is stuck, and a source that is disconnected for longer makes the agent not
    /// ready. One minute by default.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
