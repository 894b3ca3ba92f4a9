using System.Text.Json.Serialization;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>One question to a lab, one line of JSON. Only the properties of its verb are set.</summary>
public sealed record ControlRequest
{
    /// <summary><c>status</c>, <c>objects</c>, <c>apply</c>, <c>delete</c>, <c>probe</c>, <c>exec</c>, <c>fenced</c> or <c>down</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>apply: the objects.</summary>
    public IReadOnlyList<ObjectMessage>? Objects { get; init; }

    /// <summary>delete: what to take out.</summary>
    public IReadOnlyList<ReferenceMessage>? References { get; init; }

    /// <summary>probe: the flows.</summary>
    public IReadOnlyList<FlowMessage>? Flows { get; init; }

    /// <summary>probe: how long an answer may take.</summary>
    public int? TimeoutMilliseconds { get; init; }

    /// <summary>exec: <c>NAMESPACE/POD</c>, <c>node:NAME</c> or <c>external</c>.</summary>
    public string? Target { get; init; }
}

/// <summary>What a lab answers, a line of JSON each: any number of lines with <see cref="Progress"/>, then one without.</summary>
public sealed record ControlReply
{
    /// <summary>What is being done; more lines follow.</summary>
    public string? Progress { get; init; }

    /// <summary>What went wrong, for people. Then nothing else is set but <see cref="ErrorKind"/>.</summary>
    public string? Error { get; init; }

    /// <summary>The name of a <see cref="LabError"/>.</summary>
    public string? ErrorKind { get; init; }

    /// <summary>status.</summary>
    public LabStatus? Status { get; init; }

    /// <summary>objects.</summary>
    public IReadOnlyList<ObjectMessage>? Objects { get; init; }

    /// <summary>probe: a result per flow, in order.</summary>
    public IReadOnlyList<ResultMessage>? Results { get; init; }

    /// <summary>exec: the path of the namespace, good as long as the lab is up.</summary>
    public string? NamespacePath { get; init; }
}

/// <summary>An object with where it was read.</summary>
/// <param name="Json">A Kubernetes object.</param>
/// <param name="File">The file, or null.</param>
/// <param name="Line">The line, or 0.</param>
public sealed record ObjectMessage(string Json, string? File, int Line);

/// <summary>Names an object.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace, or null.</param>
/// <param name="Name">The name.</param>
public sealed record ReferenceMessage(string Kind, string? Namespace, string Name);

/// <summary>A flow to probe; ends as in expectation files.</summary>
/// <param name="From">Who starts it.</param>
/// <param name="To">Who is asked.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Port">The destination's port.</param>
/// <param name="Family">4 or 6.</param>
public sealed record FlowMessage(string From, string To, string Protocol, int Port, int Family);

/// <summary>What became of a probe.</summary>
/// <param name="Outcome">The name of a <see cref="ProbeOutcome"/>.</param>
/// <param name="Microseconds">From the first packet to the outcome.</param>
/// <param name="Detail">What the destination said, or what went wrong.</param>
public sealed record ResultMessage(string Outcome, long Microseconds, string? Detail);

/// <summary>A lab as it is.</summary>
public sealed record LabStatus
{
    /// <summary>The lab's name.</summary>
    public required string Name { get; init; }

    /// <summary>The daemon's process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>How pods are connected.</summary>
    public required string PodNetwork { get; init; }

    /// <summary>Choices of whoever started it.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>A kubeconfig of its API server, for kubectl; null where it has none.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The files and folders that it follows.</summary>
    public required IReadOnlyList<string> Follows { get; init; }

    /// <summary>The last barrier that fences were given: when all have confirmed it, everything is fenced.</summary>
    public required long Barrier { get; init; }

    /// <summary>Whether every fence has confirmed all it was told.</summary>
    public required bool IsFenced { get; init; }

    /// <summary>What is wrong now: manifests that cannot be read, fences that do not confirm.</summary>
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
/// <param name="FenceProcessId">The process of its fence, or null.</param>
/// <param name="FenceRestarts">How often that was started again.</param>
/// <param name="Applied">The last barrier that the fence confirmed; -1 for none.</param>
public sealed record NodeStatus(string Name, IReadOnlyList<string> Addresses, IReadOnlyList<string> PodCidrs, int? FenceProcessId, int FenceRestarts, long Applied);

/// <summary>A pod of a lab.</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Node">Its node.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="HostNetwork">Whether it is in its node's namespace.</param>
/// <param name="Ports">The ports of its servers.</param>
public sealed record PodStatus(string Name, string Node, IReadOnlyList<string> Addresses, string Phase, bool HostNetwork, IReadOnlyList<int> Ports);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
public sealed partial class ControlJson : JsonSerializerContext;
