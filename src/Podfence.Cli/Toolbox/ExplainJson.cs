using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Explanations for programs. Members are added, not renamed.</summary>
internal static partial class ExplainJson
{
    // The output is never embedded in HTML, so names and arrows stay readable.
    private static readonly ExplainContext s_context = new(
        new JsonSerializerOptions(ExplainContext.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }
    );

    public static string Text(Cluster cluster, PortAnswer answer) =>
        JsonSerializer.Serialize(
            new Answer(answer.Open?.ToString(), [.. answer.Flows.Select(flow => Describe(cluster, flow))]),
            s_context.Answer
        );

    public static string Text(IReadOnlyList<PodReach> pods) =>
        JsonSerializer.Serialize([.. pods.Select(Describe)], s_context.ListReachAnswer);

    /// <summary>One explanation.</summary>
    public static FlowAnswer Describe(Cluster cluster, FlowExplanation flow) =>
        new(
            flow.From,
            flow.To,
            flow.Verdict.Flow.Protocol?.ToString().ToUpperInvariant(),
            flow.Verdict.Flow.Port,
            [.. flow.Families.Select(Name)],
            flow.Flows,
            flow.Verdict.Allowed ? "allow" : "deny",
            Describe(flow.Verdict.Egress),
            Describe(flow.Verdict.Ingress),
            [.. flow.SourcePolicies.Select(Describe)],
            [.. flow.DestinationPolicies.Select(Describe)],
            [.. flow.Changes.Select(Describe)],
            [.. flow.Notes],
            [.. FlowExplainer.Lines(cluster, flow.Verdict)]
        );

    public static string Name(IpFamily family) => family == IpFamily.IPv4 ? "ipv4" : "ipv6";

    private static SideAnswer Describe(SideVerdict side) =>
        new(
            side.Pod?.ToString(),
            side.Allowed,
            JsonNamingPolicy.CamelCase.ConvertName(side.Reason.ToString()),
            [.. side.Isolating.Select(static policy => policy.Key.ToString())],
            [
                .. side.Rules.Select(static rule => new RuleAnswer(
                    rule.Policy.Key.ToString(),
                    rule.Field,
                    rule.Matches,
                    rule.Peer.Found,
                    rule.Port.Found,
                    rule.PeerField,
                    rule.PortField,
                    rule.Location.File,
                    rule.Location.Line
                )),
            ]
        );

    private static PolicyAnswer Describe(NetworkPolicy policy) =>
        new(
            policy.Key.ToString(),
            policy.IsolatesIngress,
            policy.IsolatesEgress,
            policy.Location.File,
            policy.Location.Line
        );

    private static ChangeAnswer Describe(PolicyChange change) =>
        new(
            change.Policy.Key.ToString(),
            change.Field,
            change.Item,
            change.Location.File,
            change.Location.Line,
            change.AlsoOpens
        );

    private static ReachAnswer Describe(PodReach reach) =>
        new(
            Cluster.GroupOf(reach.Pod),
            [.. reach.Policies.Select(Describe)],
            [.. reach.Inbound.Select(Describe)],
            [.. reach.Outbound.Select(Describe)]
        );

    private static LineAnswer Describe(ReachLine line) =>
        new(
            line.Name,
            line.Kind.ToString().ToLowerInvariant(),
            line.Pods > 0 ? line.Pods : null,
            [.. line.Families.Select(Name)],
            line.Ports.IsAll,
            [
                .. line.Ports.Ranges.Select(static range => new RangeAnswer(
                    range.Protocol.ToString().ToUpperInvariant(),
                    range.First,
                    range.Last
                )),
            ],
            line.Ports.HasOtherProtocols
        );

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
    )]
    [JsonSerializable(typeof(Answer))]
    [JsonSerializable(typeof(List<ReachAnswer>))]
    private sealed partial class ExplainContext : JsonSerializerContext;

    /// <summary>Whether one endpoint reaches another. <c>open</c> is set if no port was given.</summary>
    internal sealed record Answer(string? Open, List<FlowAnswer> Flows);

    /// <summary>Flows with the same verdict. <c>flows</c> counts pairs of pods and families.</summary>
    internal sealed record FlowAnswer(
        string From,
        string To,
        string? Protocol,
        int Port,
        List<string> Families,
        int Flows,
        string Verdict,
        SideAnswer Egress,
        SideAnswer Ingress,
        List<PolicyAnswer> SourcePolicies,
        List<PolicyAnswer> DestinationPolicies,
        List<ChangeAnswer> Changes,
        List<string> Notes,
        List<string> Explanation
    );

    /// <summary>One side of the verdict.</summary>
    internal sealed record SideAnswer(
        string? Pod,
        bool Allowed,
        string Reason,
        List<string> Isolating,
        List<RuleAnswer> Rules
    );

    /// <summary>The result of matching one rule; <c>matches</c> is what decides.</summary>
    internal sealed record RuleAnswer(
        string Policy,
        string Field,
        bool Matches,
        bool PeerMatches,
        bool PortMatches,
        string PeerField,
        string PortField,
        string? File,
        int Line
    );

    /// <summary>A policy and the directions it isolates for.</summary>
    internal sealed record PolicyAnswer(string Name, bool Ingress, bool Egress, string? File, int Line);

    /// <summary>An item to add.</summary>
    internal sealed record ChangeAnswer(
        string Policy,
        string Field,
        string Item,
        string? File,
        int Line,
        string? AlsoOpens
    );

    /// <summary>Everything that a pod reaches and is reached by.</summary>
    internal sealed record ReachAnswer(
        string Name,
        List<PolicyAnswer> Policies,
        List<LineAnswer> Inbound,
        List<LineAnswer> Outbound
    );

    /// <summary>Peers, and the ports that are open to or from them.</summary>
    internal sealed record LineAnswer(
        string Name,
        string Kind,
        int? Pods,
        List<string> Families,
        bool AllPorts,
        List<RangeAnswer> Ports,
        bool OtherProtocols
    );

    /// <summary>A range of ports.</summary>
    internal sealed record RangeAnswer(string Protocol, int First, int Last);
}
