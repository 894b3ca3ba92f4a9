using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Podfence.Agent;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary><c>podfence status</c>: the state of the agent on this node.</summary>
internal static class AgentStatusVerb
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var socket = new Option<string>("--socket")
        {
            Description = "The agent's Unix socket",
            DefaultValueFactory = static _ => AgentSettings.DefaultSocket,
            HelpName = "path",
        };
        var output = OutputOption.Create();
        var verb = new Command("status", "Show the state of the agent on this node; exit code 2 if it is not ready")
        {
            socket,
            output,
        };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var report = await QueryAsync(parsed.GetValue(socket)!, cancel);
                var terminal = parsed.Terminal();
                if (parsed.GetValue(output) == OutputFormat.Json)
                {
                    await terminal.Output.WriteLineAsync(Encoding.UTF8.GetString(report.ToJson()));
                }
                else
                {
                    Print(report, terminal);
                }

                return report.Ready ? ExitCodes.Success : ExitCodes.NotReady;
            }
        );
        return verb.WithExamples(("On a node", "podfence status"), ("As JSON", "podfence status -o json"));
    }

    private static async Task<StatusReport> QueryAsync(string socket, CancellationToken cancel)
    {
        using var client = UnixHttp.CreateClient(socket);
        client.Timeout = s_timeout;
        try
        {
            return StatusReport.FromJson(await client.GetByteArrayAsync(new Uri("http://agent/status"), cancel));
        }
        catch (HttpRequestException fault)
        {
            throw new CliException(
                $"no agent responds at {socket}: check that it runs on this node and that you are root "
                    + $"({fault.InnerException?.Message ?? fault.Message})",
                fault
            );
        }
        catch (Exception fault)
            when (fault is JsonException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            throw new CliException(
                $"unexpected response from {socket}: not a Podfence agent, or it is stuck ({fault.Message})",
                fault
            );
        }
    }

    private static void Print(StatusReport report, Terminal terminal)
    {
        var output = terminal.Output;
        var size = report.RulesetStats;
        output.WriteLine($"node {report.Node}, podfence {report.Version}: {(report.Ready ? "ready" : "not ready")}");
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"fenced: {size.Pods} pods ({size.Addresses} addresses), {size.Policies} policies; in the kernel: "
                    + $"{size.Fences} fences with {size.Rules} rules, {size.Sets} sets with {size.Elements} elements"
            )
        );
        output.WriteLine(
            report.SecondsSinceLastApplied is { } age
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"last change {age:0.0} s ago; drift repaired {report.Drifts} times"
                )
                : "no change written yet"
        );
        output.WriteLine();
        var conditions = new TextTable(("CONDITION", Align.Left), ("STATE", Align.Left), ("WHY", Align.Left));
        foreach (var condition in report.Conditions)
        {
            conditions.AddRow(condition.Name, condition.Holds ? "ok" : "failed", condition.Message ?? "");
        }

        conditions.Write(terminal);
        output.WriteLine();
        var sources = new TextTable(
            ("SOURCE", Align.Left),
            ("LISTED", Align.Left),
            ("WATCHED", Align.Left),
            ("LAST FAILURE", Align.Left)
        );
        foreach (var source in report.Sources)
        {
            sources.AddRow(
                source.Kind,
                source.Listed ? "yes" : "no",
                source.Connected ? "yes" : "no",
                source.Failure ?? ""
            );
        }

        sources.Write(terminal);
        foreach (var policy in report.FailedPolicies)
        {
            output.WriteLine();
            output.WriteLine(
                $"failed closed: {policy} cannot be compiled, so all traffic of its pods in its directions is "
                    + "denied; see its events"
            );
        }
    }
}
