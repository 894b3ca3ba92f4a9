using Podfence.Analysis;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Writes everything that pods reach and are reached by.</summary>
internal static class ReachReport
{
    private const int ShownClosed = 8;

    public static void Write(Cluster cluster, IReadOnlyList<Pod> pods, OutputFormat format, Terminal terminal)
    {
        var reaches = pods.Select(pod => PodReach.Of(cluster, pod)).ToList();
        if (format == OutputFormat.Json)
        {
            terminal.Output.WriteLine(ExplainJson.Text(reaches));
            return;
        }

        for (var i = 0; i < reaches.Count; i++)
        {
            if (i > 0)
            {
                terminal.Output.WriteLine();
            }

            WriteText(cluster, reaches[i], terminal, reaches.Count > 1);
        }
    }

    private static void WriteText(Cluster cluster, PodReach reach, Terminal terminal, bool isOneOfMany)
    {
        var output = terminal.Output;
        var name = isOneOfMany ? reach.Pod.Key.ToString() : Cluster.GroupOf(reach.Pod);
        var addresses = reach.Pod.Addresses.Where(address => !cluster.IsPlaceholder(address)).ToList();
        output.WriteLine(addresses.Count > 0 ? $"{name} ({string.Join(", ", addresses)})" : name);
        if (reach.Pod.HostNetwork)
        {
            output.WriteLine("A host-network pod is indistinguishable from its node: policies do not apply to it.");
        }
        else if (reach.Policies.Count == 0)
        {
            output.WriteLine("No policy selects it.");
        }

        foreach (var policy in reach.Policies)
        {
            output.WriteLine($"Selected by {ExplainReport.Describe(policy)}");
        }

        WriteLines("Reached by", "Not reached by", reach.Inbound, terminal);
        WriteLines("Reaches", "Does not reach", reach.Outbound, terminal);
    }

    private static void WriteLines(string title, string closedTitle, IReadOnlyList<ReachLine> lines, Terminal terminal)
    {
        terminal.Output.WriteLine();
        // Families are named where they differ.
        var split = lines
            .GroupBy(static line => line.Name)
            .Where(static same => same.Count() > 1)
            .Select(static same => same.Key)
            .ToHashSet();
        var open = lines.Where(static line => !line.Ports.IsEmpty).ToList();
        if (open.Count == 0)
        {
            terminal.Output.WriteLine($"{title} nothing");
        }

        var table = new TextTable((title.ToUpperInvariant(), Align.Left), ("PORTS", Align.Left));
        foreach (var line in open)
        {
            table.AddRow(Name(line, split), line.Ports.ToString());
        }

        if (open.Count > 0)
        {
            table.Write(terminal);
        }

        var closed = lines.Where(static line => line.Ports.IsEmpty).Select(line => Name(line, split)).ToList();
        if (closed.Count > 0)
        {
            terminal.Output.WriteLine($"{closedTitle}: {ListText.Join(closed, ShownClosed)}");
        }
    }

    private static string Name(ReachLine line, HashSet<string> split)
    {
        var name = line.Kind == ReachKind.External ? $"external {line.Name}" : line.Name;
        var pods = line.Pods > 1 ? $" ({line.Pods} pods)" : "";
        var family = split.Contains(line.Name) ? $" over {string.Join(" and ", line.Families)}" : "";
        return $"{name}{pods}{family}";
    }
}
