using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Analysis;
using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Writes measured flows with their verdicts and expectations.</summary>
internal static partial class FlowReport
{
    /// <summary>Writes the flows and a summary line.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(IReadOnlyList<CheckedFlow> flows, OutputFormat format, Terminal terminal)
    {
        if (format == OutputFormat.Json)
        {
            terminal.Output.WriteLine(
                JsonSerializer.Serialize([.. flows.Select(Describe)], FlowJson.Default.ListFlowAnswer)
            );
        }
        else
        {
            WriteTable(flows, terminal);
            terminal.Output.WriteLine();
            terminal.Output.WriteLine(Summary(flows));
        }

        return flows.All(static flow => flow.Agrees) ? ExitCodes.Success : ExitCodes.Differs;
    }

    public static string Summary(IReadOnlyList<CheckedFlow> flows) =>
        $"{flows.Count} flows probed, {flows.Count(static flow => flow.Result.IsAllowed)} allowed, "
        + $"{flows.Count(static flow => flow.Result.IsDenied)} denied, "
        + $"{flows.Count(static flow => !flow.Agrees)} mismatches";

    public static string Word(ProbeOutcome outcome) =>
        outcome switch
        {
            ProbeOutcome.Allowed => "allow",
            ProbeOutcome.Refused => "deny (refused)",
            ProbeOutcome.TimedOut => "deny (no reply)",
            ProbeOutcome.Unreachable => "deny (unreachable)",
            ProbeOutcome.Misdirected => "wrong responder",
            _ => "not probed",
        };

    private static void WriteTable(IReadOnlyList<CheckedFlow> flows, Terminal terminal)
    {
        var hasFile = flows.Any(static flow => flow.Wanted.Wanted is not null);
        List<(string, Align)> columns =
        [
            ("FROM", Align.Left),
            ("TO", Align.Left),
            ("PORT", Align.Right),
            ("FAMILY", Align.Left),
            ("MEASURED", Align.Left),
            ("POLICIES", Align.Left),
            ("TIME", Align.Right),
        ];
        if (hasFile)
        {
            columns.Insert(6, ("FILE", Align.Left));
        }

        columns.Add(("", Align.Left));
        var table = new TextTable(columns);
        foreach (var checkedFlow in flows)
        {
            var flow = checkedFlow.Wanted.Flow;
            List<Cell> row =
            [
                flow.From.ToString(),
                flow.To.ToString(),
                $"{flow.Port}/{Name(flow.Protocol)}",
                flow.Family.ToString(),
                new(
                    Word(checkedFlow.Result.Outcome),
                    checkedFlow.Result.IsAllowed ? Tone.Good
                        : checkedFlow.Result.IsDenied ? Tone.Plain
                        : Tone.Warn
                ),
                checkedFlow.Verdict.Allowed ? "allow" : "deny",
                string.Create(CultureInfo.InvariantCulture, $"{checkedFlow.Result.Latency.TotalMilliseconds:0.0} ms"),
                checkedFlow.Agrees ? new("") : new(Mismatch(checkedFlow), Tone.Bad),
            ];
            if (hasFile)
            {
                row.Insert(
                    6,
                    checkedFlow.Wanted.Wanted is { } wanted
                        ? wanted.Verdict == ExpectedVerdict.Allow
                            ? "allow"
                            : "deny"
                        : ""
                );
            }

            table.AddRow([.. row]);
        }

        table.Write(terminal);
    }

    private static string Mismatch(CheckedFlow flow)
    {
        var why =
            flow.Wanted.Wanted is { } wanted && !flow.AgreesWithFile
                ? $" {wanted.Location}{(wanted.Why is null ? "" : $": {GoText.EscapeControl(wanted.Why)}")}"
                : "";
        var hasDetail = flow.Result.Outcome is ProbeOutcome.Failed or ProbeOutcome.Misdirected;
        return $"MISMATCH{why}{(hasDetail ? $" {flow.Result.Detail}" : "")}";
    }

    private static string Name(Protocol protocol) => protocol.ToString().ToUpperInvariant();

    private static FlowAnswer Describe(CheckedFlow flow) =>
        new(
            flow.Wanted.Flow.From.ToString(),
            flow.Wanted.Flow.To.ToString(),
            Name(flow.Wanted.Flow.Protocol),
            flow.Wanted.Flow.Port,
            flow.Wanted.Flow.Family == IpFamily.IPv4 ? "ipv4" : "ipv6",
            flow.Result.Outcome.ToString(),
            flow.Result.IsAllowed ? "allow"
                : flow.Result.IsDenied ? "deny"
                : null,
            flow.Verdict.Allowed ? "allow" : "deny",
            flow.Wanted.Wanted is { } wanted
                ? wanted.Verdict == ExpectedVerdict.Allow
                    ? "allow"
                    : "deny"
                : null,
            flow.Agrees,
            (long)flow.Result.Latency.TotalMicroseconds,
            flow.Result.Detail
        );

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
    )]
    [JsonSerializable(typeof(List<FlowAnswer>))]
    private sealed partial class FlowJson : JsonSerializerContext;

    /// <summary>
    /// The JSON of a flow: <c>measured</c> is the result of the packets, <c>policies</c> the evaluator's verdict,
    /// <c>file</c> that of an expectation file.
    /// </summary>
    internal sealed record FlowAnswer(
        string From,
        string To,
        string Protocol,
        int Port,
        string Family,
        string Outcome,
        string? Measured,
        string Policies,
        string? File,
        bool Agrees,
        long Microseconds,
        string? Detail
    );
}
