using Podfence.Analysis;
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

        foreach (var reach in reaches)
        {
            WriteText(cluster, reach, terminal, reaches.Count > 1);
        }
    }

    private static void WriteText(Cluster cluster, PodReach reach, Terminal terminal, bool isOneOfMany)
    {
        var output = terminal.Output;
        var name = isOneOfMany ? reach.Pod.Key.ToString() : Cluster.GroupOf(reach.Pod);
        var addresses = reach.Pod.Addresses.Where(address => !cluster.IsInvented(address)).ToList();
        output.WriteLine(addresses.Count > 0 ? $"{name} ({string.Join(", ", addresses)})" : name);
        if (reach.Pod.HostNetwork)
        {
            output.WriteLine("A host-network pod cannot be told from its node: no policy fences it.");
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
        output.WriteLine();
    }

    private static void WriteLines(string title, string closedTitle, IReadOnlyList<ReachLine> lines, Terminal terminal)
    {
        terminal.Output.WriteLine();
        var hasBoth = lines.SelectMany(static line => line.Families).Distinct().Count() > 1;
        var table = new TextTable((title.ToUpperInvariant(), Align.Left), ("PORTS", Align.Left));
        foreach (var line in lines.Where(static line => !line.Ports.IsEmpty))
        {
            table.AddRow(Name(line, hasBoth), line.Ports.ToString());
        }

        table.Write(terminal);
        var closed = lines.Where(static line => line.Ports.IsEmpty).Select(line => Name(line, hasBoth)).ToList();
        if (closed.Count > 0)
        {
            var more = closed.Count > ShownClosed ? $" and {closed.Count - ShownClosed} more" : "";
            terminal.Output.WriteLine($"{closedTitle}: {string.Join(", ", closed.Take(ShownClosed))}{more}");
        }
    }

    private static string Name(ReachLine line, bool hasBoth)
    {
        var name = line.Kind == ReachKind.Outside ? $"outside {line.Name}" : line.Name;
        var pods = line.Pods > 1 ? $" ({line.Pods} pods)" : "";
        // An address says its family by itself.
        var family = hasBoth && line.Families.Count == 1 && line.Kind != ReachKind.Outside ? $" over {line.Families[0]}" : "";
        return $"{name}{pods}{family}";
    }
}
