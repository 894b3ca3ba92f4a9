using System.Text.Json.Serialization;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>A request to a lab: one line of JSON. Only the properties of its verb are set.</summary>
public sealed record ControlRequest
{
    /// <summary>
    /// <c>status</c>, <c>objects</c>, <c>apply</c>, <c>delete</c>, <c>probe</c>, <c>exec</c>, <c>fenced</c> or
    /// <c>down</c>.
    /// </summary>
    public required string Verb { get; init; }

    /// <summary>apply: the objects.</summary>
    public IReadOnlyList<ObjectMessage>? Objects { get; init; }

    /// <summary>delete: the objects to delete.</summary>
    public IReadOnlyList<ReferenceMessage>? References { get; init; }

    /// <summary>probe: the flows.</summary>
    public IReadOnlyList<FlowMessage>? Flows { get; init; }

    /// <summary>probe: the timeout.</summary>
    public int? TimeoutMilliseconds { get; init; }

    /// <summary>exec: <c>NAMESPACE/POD</c>, <c>node:NAME</c> or <c>external</c>.</summary>
    public string? Target { get; init; }
}

/// <summary>
/// A response of a lab, one line of JSON each: any number of lines with <see cref="Progress"/>, then one without.
/// </summary>
public sealed record ControlReply
{
    /// <summary>The current step; more lines follow.</summary>
    public string? Progress { get; init; }

    /// <summary>An error message. Only <see cref="ErrorKind"/> is set with it.</summary>
    public string? Error { get; init; }

    /// <summary>The name of a <see cref="LabError"/>.</summary>
    public string? ErrorKind { get; init; }

    /// <summary>status.</summary>
    public LabStatus? Status { get; init; }

    /// <summary>objects.</summary>
    public IReadOnlyList<ObjectMessage>? Objects { get; init; }

    /// <summary>probe: a result per flow, in order.</summary>
    public IReadOnlyList<ResultMessage>? Results { get; init; }

    /// <summary>exec: the path of the namespace, valid while the lab is up.</summary>
    public string? NamespacePath { get; init; }
}

/// <summary>An object with its location in a file.</summary>
/// <param name="Json">A Kubernetes object.</param>
/// <param name="File">The file, or null.</param>
/// <param name="Line">The line, or 0.</param>
public sealed record ObjectMessage(string Json, string? File, int Line);

/// <summary>The identity of an object.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace, or null.</param>
/// <param name="Name">The name.</param>
public sealed record ReferenceMessage(string Kind, string? Namespace, string Name);

/// <summary>A flow to probe, with endpoints in the format of expectation files.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The destination.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Port">The destination port.</param>
/// <param name="Family">4 or 6.</param>
public sealed record FlowMessage(string From, string To, string Protocol, int Port, int Family);

/// <summary>The result of a probe.</summary>
/// <param name="Outcome">The name of a <see cref="ProbeOutcome"/>.</param>
/// <param name="Microseconds">Time from the first packet to the outcome.</param>
/// <param name="Detail">The reply of the destination, or an error.</param>
public sealed record ResultMessage(string Outcome, long Microseconds, string? Detail);

/// <summary>The state of a lab.</summary>
public sealed record LabStatus
{
    /// <summary>The lab's name.</summary>
    public required string Name { get; init; }

    /// <summary>The process ID of the daemon.</summary>
    public required int ProcessId { get; init; }

    /// <summary>How pods are connected.</summary>
    public required string PodNetwork { get; init; }

    /// <summary>The settings that the lab was started with.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The kubeconfig of its API server, for kubectl; null without an API server.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The files and directories that it watches.</summary>
    public required IReadOnlyList<string> Follows { get; init; }

    /// <summary>The last sync point: when every node has confirmed it, all changes are in place.</summary>
    public required long SyncPoint { get; init; }

    /// <summary>Whether every node has confirmed all changes.</summary>
    public required bool IsFenced { get; init; }

    /// <summary>Current errors: manifests that cannot be read, nodes that do not confirm changes.</summary>
    public required IReadOnlyList<string> Errors { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<NodeStatus> Nodes { get; init; }

    /// <summary>The pods.</summary>
    public required IReadOnlyList<PodStatus> Pods { get; init; }
}

/// <summary>A node of a lab.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="PodCidrs">Its pod CIDRs.</param>
/// <param name="FenceProcessId">The process that enforces its policies, or null.</param>
/// <param name="FenceRestarts">How often that process was restarted.</param>
/// <param name="Applied">The last sync point that it confirmed; -1 for none.</param>
public sealed record NodeStatus(
    string Name,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> PodCidrs,
    int? FenceProcessId,
    int FenceRestarts,
    long Applied
);

/// <summary>A pod of a lab.</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Node">Its node.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="HostNetwork">Whether it uses its node's namespace.</param>
/// <param name="Ports">The ports of its servers.</param>
public sealed record PodStatus(
    string Name,
    string Node,
    IReadOnlyList<string> Addresses,
    string Phase,
    bool HostNetwork,
    IReadOnlyList<int> Ports
);

/// <summary>Source-generated serialization, which needs no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
public sealed partial class ControlJson : JsonSerializerContext;
