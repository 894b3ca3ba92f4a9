using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Diagnostics for programs. Members are added, not renamed.</summary>
internal static partial class DiagnosticJson
{
    // The output is never embedded in HTML, so names stay readable.
    private static readonly Context s_context = new(
        new JsonSerializerOptions(Context.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
    );

    public static string Text(Diagnostics found) =>
        JsonSerializer.Serialize(
            new Answer([.. found.Items.Select(Describe)], DiagnosticText.Sum(found), found.Silenced),
            s_context.Answer
        );

    private static Finding Describe(CheckResult item) =>
        new(
            item.Kind.Id,
            item.Kind.Name,
            item.Word,
            item.Location.File,
            item.Location.Line > 0 ? item.Location.Line : null,
            item.Subject?.Kind,
            item.Subject?.Namespace,
            item.Subject?.Name,
            item.Field,
            item.Message,
            item.Fix
        );

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
    )]
    [JsonSerializable(typeof(Answer))]
    private sealed partial class Context : JsonSerializerContext;

    /// <summary>Everything that was found.</summary>
    internal sealed record Answer(List<Finding> Findings, string Summary, int Silenced);

    /// <summary>One of them.</summary>
    internal sealed record Finding(
        string Rule,
        string RuleName,
        string Severity,
        string? File,
        int? Line,
        string? Kind,
        string? Namespace,
        string? Name,
        string? Field,
        string Message,
        string? Fix
    );
}
