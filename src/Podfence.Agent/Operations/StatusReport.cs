using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// The status of a running agent, as <c>podfence status</c> shows it. Its JSON form is a stable interface: members may
/// be added, not renamed.
/// </summary>
public sealed record StatusReport
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>The version of the agent.</summary>
    public required string Version { get; init; }

    /// <summary>Whether every condition is met.</summary>
    public required bool Ready { get; init; }

    /// <summary>Each condition of readiness.</summary>
    public required IReadOnlyList<Condition> Conditions { get; init; }

    /// <summary>What is in the kernel.</summary>
    public required RulesetStats RulesetStats { get; init; }

    /// <summary>Policies that could not be compiled, and fail closed, as namespace/name.</summary>
    public required IReadOnlyList<string> FailedPolicies { get; init; }

    /// <summary>The sources, by kind.</summary>
    public required IReadOnlyList<SourceStatus> Sources { get; init; }

    /// <summary>Seconds since the last transaction; null before the first.</summary>
    public required double? SecondsSinceLastApplied { get; init; }

    /// <summary>How often drift was detected since the agent started.</summary>
    public required long Drifts { get; init; }

    /// <summary>The current status.</summary>
    public static StatusReport Of(AgentState state, string version)
    {
        var conditions = state.Readiness();
        return new StatusReport
        {
            Node = state.Node,
            Version = version,
            Ready = conditions.All(static condition => condition.Holds),
            Conditions = conditions,
            RulesetStats = state.RulesetStats,
            FailedPolicies = [.. state.FailedPolicies.Order().Select(static policy => policy.ToString())],
            Sources = [.. state.Sources.Select(SourceStatus.Of)],
            SecondsSinceLastApplied = state.SinceLastApplied?.TotalSeconds,
            Drifts = state.Drifts,
        };
    }

    /// <summary>As JSON, in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Default.StatusReport);

    /// <summary>Reads the JSON form.</summary>
    /// <exception cref="JsonException">It is not a status.</exception>
    public static StatusReport FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, StatusJson.Default.StatusReport)
        ?? throw new JsonException("the status is null");
}

/// <summary>One kind's source.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Listed">Whether all objects were listed once.</param>
/// <param name="Connected">Whether there is a watch.</param>
/// <param name="Failure">The last failure; null without one.</param>
/// <param name="Version">
/// The resourceVersion up to which everything of the kind is in the kernel; null before the first.
/// </param>
public sealed record SourceStatus(string Kind, bool Listed, bool Connected, string? Failure, string? Version)
{
    internal static SourceStatus Of(SourceState source) =>
        new(source.Kind, source.IsListed, source.DisconnectedAt is null, source.Failure, source.Version);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
