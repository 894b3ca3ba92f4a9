using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary><c>podfence lab status</c>: shows the contents of a lab.</summary>
internal static partial class LabStatusVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var output = OutputOption.Create();
        var verb = new Command("status", "Show the nodes, pods and fences of a lab, and its errors") { name, output };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var status = await new LabClient(parsed.GetValue(name)!).StatusAsync(cancel);
                if (parsed.GetValue(output) == OutputFormat.Json)
                {
                    await parsed
                        .Terminal()
                        .Output.WriteLineAsync(JsonSerializer.Serialize(status, StatusJson.Default.LabStatus));
                }
                else
                {
                    Print(status, parsed.Terminal());
                }
            }
        );
        return verb.WithExamples(("As text", "podfence lab status"), ("As JSON", "podfence lab status -o json"));
    }

    private static void Print(LabStatus status, Terminal terminal)
    {
        var output = terminal.Output;
        output.WriteLine(
            $"lab {status.Name}: {status.PodNetwork} pod network, {(status.IsFenced ? "fenced" : "not fenced")}, "
                + $"daemon {status.ProcessId}, follows {string.Join(", ", status.Follows)}"
        );
        if (status.Kubeconfig is { } kubeconfig)
        {
            output.WriteLine($"API server: export KUBECONFIG={kubeconfig}");
        }

        output.WriteLine();
        var nodes = new TextTable(
            ("NODE", Align.Left),
            ("ADDRESSES", Align.Left),
            ("POD CIDRS", Align.Left),
            ("FENCE", Align.Right),
            ("RESTARTS", Align.Right),
            ("APPLIED", Align.Right)
        );
        foreach (var node in status.Nodes)
        {
            nodes.AddRow(
                node.Name,
                string.Join(' ', node.Addresses),
                string.Join(' ', node.PodCidrs),
                node.FenceProcessId?.ToString(CultureInfo.InvariantCulture) ?? "none",
                node.FenceRestarts.ToString(CultureInfo.InvariantCulture),
                $"{Math.Max(0, node.Applied)}/{status.SyncPoint}"
            );
        }

        nodes.Write(terminal);
        output.WriteLine();
        var pods = new TextTable(
            ("POD", Align.Left),
            ("NODE", Align.Left),
            ("ADDRESSES", Align.Left),
            ("PORTS", Align.Left),
            ("PHASE", Align.Left)
        );
        foreach (var pod in status.Pods)
        {
            pods.AddRow(
                pod.Name,
                pod.Node,
                string.Join(' ', pod.Addresses),
                string.Join(',', pod.Ports),
                pod.HostNetwork ? $"{pod.Phase} (host network)" : pod.Phase
            );
        }

        pods.Write(terminal);
        foreach (var error in status.Errors)
        {
            output.WriteLine();
            output.WriteLine(error);
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(LabStatus))]
    private sealed partial class StatusJson : JsonSerializerContext;
}
