using System.Text.Json.Serialization;
using System.Text.Json;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>What <c>podfence status</c> shows of a running agent. Its JSON form is part of what users build on: members are added, not renamed.</summary>
public sealed record StatusReport
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>Of the agent's program.</summary>
    public required string Version { get; init; }

    /// <summary>Whether every condition holds.</summary>
    public required bool Ready { get; init; }

    /// <summary>Each condition of readiness.</summary>
    public required IReadOnlyList<Condition> Conditions { get; init; }

    /// <summary>What is in the kernel.</summary>
    public required RulesetStats RulesetStats { get; init; }

    /// <summary>Policies whose fences could not be built, as namespace/name.</summary>
    public required IReadOnlyList<string> ClosedPolicies { get; init; }

    /// <summary>The sources, by kind.</summary>
    public required IReadOnlyList<SourceStatus> Sources { get; init; }

    /// <summary>Seconds since the last transaction; null before the first.</summary>
    public required double? SecondsSinceLastApplied { get; init; }

    /// <summary>How often somebody else was found to have changed our rules since the agent started.</summary>
    public required long Drifts { get; init; }

    /// <summary>As of now.</summary>
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
            ClosedPolicies = [.. state.ClosedPolicies.Order().Select(static policy => policy.ToString())],
            Sources = [.. state.Sources.Select(static source => new SourceStatus(source.Kind, source.IsListed, source.DisconnectedAt is null, source.Failure, source.Version))],
            SecondsSinceLastApplied = state.SinceLastApplied?.TotalSeconds,
            Drifts = state.Drifts,
        };
    }

    /// <summary>As JSON, in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Default.StatusReport);

    /// <summary>Reads the JSON form.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static StatusReport FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, StatusJson.Default.StatusReport) ?? throw new JsonException("the status is null");
}

/// <summary>One kind's source.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Listed">Whether all objects were told once.</param>
/// <param name="Connected">Whether a watch stands.</param>
/// <param name="Failure">The last failure; null where all is well.</param>
/// <param name="Version">The API server's resourceVersion up to which everything of the kind is in the kernel; null before the first.</param>
public sealed record SourceStatus(string Kind, bool Listed, bool Connected, string? Failure, string? Version);

/// <summary>Serialisers that need no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
