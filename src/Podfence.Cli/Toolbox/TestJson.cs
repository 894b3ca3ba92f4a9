using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Test results for programs. Members are added, not renamed.</summary>
internal static partial class TestJson
{
    private static readonly TestContext s_context = new(
        new JsonSerializerOptions(TestContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
    );

    public static string Text(Cluster cluster, TestReport report)
    {
        var mismatches = report.Results.Count(static result => !result.Holds);
        var answer = new Answer(
            report.Results.Count - mismatches,
            mismatches,
            report.Results.Sum(static result => result.Flows),
            [.. report.Results.Select(result => Describe(cluster, result))]
        );
        return JsonSerializer.Serialize(answer, s_context.Answer);
    }

    private static ResultAnswer Describe(Cluster cluster, TestResult result)
    {
        var expectation = result.Expectation;
        return new(
            expectation.Location.File,
            expectation.Location.Line,
            expectation.From.ToString()!,
            expectation.To.ToString()!,
            expectation.Protocol.ToString().ToUpperInvariant(),
            expectation.Port,
            expectation.Verdict == ExpectedVerdict.Allow ? "allow" : "deny",
            expectation.Family is { } family ? ExplainJson.Name(family) : null,
            expectation.Why,
            result.Flows,
            result.Holds,
            [.. result.Mismatches.Select(flow => ExplainJson.Describe(cluster, flow))]
        );
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
    )]
    [JsonSerializable(typeof(Answer))]
    private sealed partial class TestContext : JsonSerializerContext;

    /// <summary>All lines, and how many of them held.</summary>
    internal sealed record Answer(int Held, int Failed, int Flows, List<ResultAnswer> Expectations);

    /// <summary>A line of a file, and the flows that do not match it.</summary>
    internal sealed record ResultAnswer(
        string? File,
        int Line,
        string From,
        string To,
        string Protocol,
        int Port,
        string Verdict,
        string? Family,
        string? Why,
        int Flows,
        bool Holds,
        List<ExplainJson.FlowAnswer> Mismatches
    );
}
