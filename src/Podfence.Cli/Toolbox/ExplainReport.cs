using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>Why flows from one endpoint to another are allowed or denied.</summary>
/// <param name="Open">The open ports, if no port was given.</param>
/// <param name="Flows">The explanations.</param>
internal sealed record PortAnswer(PortSet? Open, IReadOnlyList<FlowExplanation> Flows);

/// <summary>Writes explanations of flows.</summary>
internal static class ExplainReport
{
    public static void Write(Cluster cluster, PortAnswer answer, OutputFormat format, Terminal terminal)
    {
        if (format == OutputFormat.Json)
        {
            terminal.Output.WriteLine(ExplainJson.Text(cluster, answer));
            return;
        }

        if (answer.Open is { } open)
        {
            terminal.Output.WriteLine($"Open ports: {open}");
            terminal.Output.WriteLine();
        }

        var isFirst = true;
        foreach (var flow in answer.Flows)
        {
            if (!isFirst)
            {
                terminal.Output.WriteLine();
            }

            WriteText(cluster, flow, terminal, "");
            isFirst = false;
        }
    }

    /// <summary>One explanation for people.</summary>
    public static void WriteText(Cluster cluster, FlowExplanation flow, Terminal terminal, string indent)
    {
        var output = terminal.Output;
        var tone = flow.Verdict.Allowed ? Tone.Good : Tone.Bad;
        var word = Word(flow);
        output.WriteLine($"{indent}{Headline(cluster, flow)}: {(terminal.Colour ? Ansi.Paint(word, tone) : word)}");
        foreach (var line in FlowExplainer.Lines(cluster, flow.Verdict))
        {
            output.WriteLine($"{indent}  {line}");
        }

        WritePolicies(flow.From, flow.SourcePolicies, output, indent);
        if (flow.To != flow.From)
        {
            WritePolicies(flow.To, flow.DestinationPolicies, output, indent);
        }

        foreach (var note in flow.Notes)
        {
            output.WriteLine($"{indent}  Note: {note}");
        }

        WriteChanges(flow, output, indent);
    }

    /// <summary>A policy, its location, and the directions that it isolates for.</summary>
    public static string Describe(NetworkPolicy policy) =>
        $"{policy.Key} ({policy.Location}; "
        + $"{(policy.IsolatesIngress ? policy.IsolatesEgress ? "ingress, egress" : "ingress" : "egress")})";

    /// <summary>
    /// from -> to port/PROTOCOL, with addresses that the input states, and the family unless both are covered.
    /// </summary>
    public static string Headline(Cluster cluster, FlowExplanation flow)
    {
        var one = flow.Verdict.Flow;
        var families = flow.Families.Count == 1 && flow.Families[0] == IpFamily.IPv6 ? " over IPv6" : "";
        var many = flow.Flows > flow.Families.Count ? $" ({flow.Flows} flows alike)" : "";
        return $"{Name(cluster, flow.From, one.Source.Address)} -> "
            + $"{Name(cluster, flow.To, one.Destination.Address)} "
            + $"{one.Port}/{one.Protocol?.ToString().ToUpperInvariant()}{families}{many}";
    }

    private static string Name(Cluster cluster, string name, IpAddress address) =>
        cluster.IsPlaceholder(address) || name == address.ToString() ? name : $"{name} ({address})";

    private static string Word(FlowExplanation flow) =>
        (flow.Verdict.Egress.Allowed, flow.Verdict.Ingress.Allowed) switch
        {
            (true, true) => "allowed",
            (false, true) => "denied by egress",
            (true, false) => "denied by ingress",
            (false, false) => "denied by egress and by ingress",
        };

    private static void WritePolicies(
        string name,
        IReadOnlyList<NetworkPolicy> policies,
        TextWriter output,
        string indent
    )
    {
        if (policies.Count > 0)
        {
            output.WriteLine($"{indent}  Policies that select {name}: {string.Join(", ", policies.Select(Describe))}.");
        }
    }

    private static void WriteChanges(FlowExplanation flow, TextWriter output, string indent)
    {
        if (flow.Changes.Count == 0)
        {
            return;
        }

        var edits =
            flow.Changes.Count == 1
                ? "Smallest edit that would allow it"
                : "Smallest edits that together would allow it, one for each endpoint";
        output.WriteLine($"{indent}  {edits} (verified):");
        foreach (var change in flow.Changes)
        {
            output.WriteLine(
                $"{indent}    {change.Location}: NetworkPolicy {change.Policy.Key}: add to {change.Field}"
            );
            output.WriteLine($"{indent}      - {change.Item}");
            if (change.AlsoOpens is not null)
            {
                output.WriteLine($"{indent}      which also opens {change.AlsoOpens}");
            }
        }
    }
}
