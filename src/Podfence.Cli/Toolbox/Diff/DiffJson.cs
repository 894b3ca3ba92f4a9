using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Analysis;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>A comparison for programs. Members are added, not renamed.</summary>
internal static partial class DiffJson
{
    private static readonly DiffContext s_context = new(
        new JsonSerializerOptions(DiffContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
    );

    public static void Write(DiffReport report, TextWriter output)
    {
        var diff = report.Diff;
        var answer = new Answer(
            report.Names.Before,
            report.Names.After,
            diff.IsSame,
            Count(DiffKind.Opened),
            Count(DiffKind.Changed),
            Count(DiffKind.Closed),
            Word(report.PodsOf),
            [
                .. diff.Policies.Select(static edit => new PolicyAnswer(
                    edit.Policy.ToString(),
                    Word(edit.Kind),
                    edit.Location.File,
                    edit.Location.Line
                )),
            ],
            [
                .. diff.Lines.Select(static line => new ConnectionAnswer(
                    Word(line.Kind),
                    line.From.Name,
                    line.To.Name,
                    line.IsExternal,
                    Flows(line.Opened),
                    Flows(line.Closed)
                )),
            ],
            [.. diff.OnlyBefore],
            [.. diff.OnlyAfter]
        );
        output.WriteLine(JsonSerializer.Serialize(answer, s_context.Answer));

        int Count(DiffKind kind) => diff.Lines.Count(line => line.Kind == kind);
    }

    private static List<FlowAnswer> Flows(MatrixCell cell) =>
        [
            .. cell
                .Flows.Where(static flow => !flow.Some.IsEmpty)
                .Select(static flow => new FlowAnswer(
                    [.. flow.Families.Select(ExplainJson.Name)],
                    flow.IsUniform,
                    flow.Some.IsAll,
                    Ranges(flow),
                    flow.Some.HasOtherProtocols
                )),
        ];

    private static List<ExplainJson.RangeAnswer> Ranges(CellFlow flow) =>
        [
            .. flow.Some.Ranges.Select(static range => new ExplainJson.RangeAnswer(
                range.Protocol.ToString().ToUpperInvariant(),
                range.First,
                range.Last
            )),
        ];

    private static string Word<T>(T value)
        where T : struct, Enum => new EnumWord<T>(value).ToString();

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
    )]
    [JsonSerializable(typeof(Answer))]
    private sealed partial class DiffContext : JsonSerializerContext;

    /// <summary>
    /// The differences, worst first. <c>opened</c>, <c>changed</c> and <c>closed</c> count the connections;
    /// <c>podsOf</c> is each, before or after.
    /// </summary>
    internal sealed record Answer(
        string Before,
        string After,
        bool Same,
        int Opened,
        int Changed,
        int Closed,
        string PodsOf,
        List<PolicyAnswer> Policies,
        List<ConnectionAnswer> Connections,
        List<string> OnlyBefore,
        List<string> OnlyAfter
    );

    /// <summary>A policy that was added, changed or removed.</summary>
    internal sealed record PolicyAnswer(string Name, string Change, string? File, int Line);

    /// <summary>How the connections from one group to another changed.</summary>
    internal sealed record ConnectionAnswer(
        string Change,
        string From,
        string To,
        bool External,
        List<FlowAnswer> Opens,
        List<FlowAnswer> Closes
    );

    /// <summary>
    /// Ports that differ in some families; <c>betweenAll</c> is true if they differ between all endpoints, not only
    /// some.
    /// </summary>
    internal sealed record FlowAnswer(
        List<string> Families,
        bool BetweenAll,
        bool AllPorts,
        List<ExplainJson.RangeAnswer> Ports,
        bool OtherProtocols
    );
}
