using System.CommandLine;
using Podfence.Analysis;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary><c>podfence demo</c>: one policy on a lab cluster, before and after, measured with real packets.</summary>
internal static class DemoVerb
{
    private const string Example = "examples/article.yaml";
    private const string Web = "default/web";
    private const string Database = "default/db";
    private const string Allowed = "172.17.0.9";
    private const string Excepted = "172.17.1.9";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    public static Command Create()
    {
        var network = EnumOption.Create("--pod-network", "How pods are connected", PodNetwork.Bridge);
        var server = new Option<bool>("--api-server")
        {
            Description = "Run a real API server that the node agents watch (make envtest provides one)",
        };
        var verb = new Command(
            "demo",
            "Self-contained demo: two nodes made of network namespaces, one policy, real packets; exit code 1 on "
                + "any mismatch"
        )
        {
            network,
            server,
        };
        verb.SetAction(
            (parsed, cancel) => RunAsync(parsed.GetValue(network), parsed.GetValue(server), parsed.Terminal(), cancel)
        );
        return verb.WithExamples(
            ("Run the demo", "podfence demo"),
            ("With routed instead of bridged pods", "podfence demo --pod-network routed"),
            ("With a real API server", "podfence demo --api-server")
        );
    }

    private static async Task<int> RunAsync(
        PodNetwork network,
        bool hasServer,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        var output = terminal.Output;
        var manifests = ReadExample();
        var options = new LabClusterOptions
        {
            Network = new LabNetworkOptions { PodNetwork = network },
            FenceCommand = static node =>
                LabFenceCommand.Of(node, DataplaneKind.Nftables, DenyAction.Reject, PodToNode.Enforce),
            AgentCommand = hasServer
                ? static (node, kubeconfig, socket) =>
                    LabAgentCommand.Of(
                        node,
                        kubeconfig,
                        socket,
                        DataplaneKind.Nftables,
                        DenyAction.Reject,
                        PodToNode.Enforce
                    )
                : null,
        };
        var start = TimeProvider.System.GetTimestamp();
        var unfenced = manifests with { Objects = [.. manifests.Objects.Where(static item => item.Policy is null)] };
        await using var cluster = await LabCluster.StartAsync(unfenced, options, LabVerb.Progress(terminal), cancel);
        output.WriteLine(
            $"Cluster of network namespaces, up in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s: "
                + $"{cluster.Network.Plan.Nodes.Length} nodes, {cluster.Network.Plan.Pods.Count} pods, "
                + $"{(hasServer ? "an API server and an agent on each node" : "a fence on each node")}."
        );

        Title(terminal, "Before the policy: all traffic is allowed");
        var before = await MeasureAsync(cluster, cancel);
        FlowMatrix.WriteTable(before, terminal);

        await cluster.ApplyAsync([.. manifests.Objects.Where(static item => item.Policy is not null)], cancel);
        Title(terminal, $"After applying {Example}: {Database} accepts and sends only what the policy allows");
        var after = await MeasureAsync(cluster, cancel);
        FlowMatrix.WriteTable(after, terminal);

        Title(terminal, "Why");
        Explain(after, Excepted, Database, 6379, output);
        Explain(after, "stranger/web", Database, 6379, output);
        Explain(after, "partner/api", Database, 6379, output);

        Title(
            terminal,
            $"Kernel rules for {Database} on its node, in the format of nft list (IPv4; the IPv6 rules are analogous)"
        );
        output.WriteLine(FencedPodRules.Read(cluster, new PodKey("default", "db"), IpFamily.IPv4));

        var mismatches = before.Concat(after).Where(static flow => !flow.Agrees).ToList();
        if (mismatches.Count > 0)
        {
            Title(terminal, "Packets that contradict the policies");
            FlowReport.Write(mismatches, OutputFormat.Text, terminal);
        }

        output.WriteLine($"demo: {before.Count + after.Count} flows probed, {mismatches.Count} mismatches");
        return mismatches.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static ObjectSet ReadExample()
    {
        using var stream = typeof(DemoVerb).Assembly.GetManifestResourceStream(Example)!;
        using var reader = new StreamReader(stream);
        var manifests = ManifestReader.ReadText(reader.ReadToEnd(), Example);
        return manifests.HasErrors ? throw new CliException(string.Join('\n', manifests.Diagnostics)) : manifests;
    }

    /// <summary>Measures every flow of the demo and compares it with the evaluator.</summary>
    private static async Task<IReadOnlyList<CheckedFlow>> MeasureAsync(LabCluster cluster, CancellationToken cancel)
    {
        var check = await FlowCheck.OfAsync(cluster, cancel);
        return await check.MeasureAsync(check.Expand(Expectations(), areWanted: false), s_timeout, cancel);
    }

    /// <summary>
    /// Every endpoint to every declared port, the database's port over UDP as well; external addresses within and
    /// beyond the except block; and the database to external addresses within and beyond the egress block.
    /// </summary>
    private static List<Expectation> Expectations()
    {
        string[] pods = [Web, "default/job", Database, "partner/api", "stranger/web"];
        string[] sources = [.. pods, "node:n1", "node:n2", Allowed, Excepted];
        (string To, int Port, Protocol Protocol)[] destinations =
        [
            (Database, 6379, Protocol.Tcp),
            (Database, 6379, Protocol.Udp),
            (Database, 6380, Protocol.Tcp),
            (Web, 80, Protocol.Tcp),
            ("partner/api", 80, Protocol.Tcp),
            ("stranger/web", 80, Protocol.Tcp),
        ];
        (string To, int Port)[] external = [("10.0.0.7", 5978), ("10.0.0.7", 80), ("10.0.1.7", 5978)];
        return
        [
            .. from source in sources
            from destination in destinations
            where source != destination.To
            select Line(source, destination.To, destination.Port, destination.Protocol),
            .. from source in new[] { Database, Web }
            from destination in external
            select Line(source, destination.To, destination.Port, Protocol.Tcp),
        ];
    }

    private static Expectation Line(string from, string to, int port, Protocol protocol) =>
        new()
        {
            From = Pattern(from),
            To = Pattern(to),
            Port = port,
            Protocol = protocol,
            Verdict = ExpectedVerdict.Allow,
        };

    private static EndPattern Pattern(string text) =>
        EndPatternText.TryParse(text, out var pattern, out var fault) ? pattern! : throw new CliException(fault!);

    private static void Explain(IReadOnlyList<CheckedFlow> flows, string from, string to, int port, TextWriter output)
    {
        var flow = flows.First(flow =>
            flow.Wanted.Flow.From.ToString() == from
            && flow.Wanted.Flow.To.ToString() == to
            && flow.Wanted.Flow.Port == port
        );
        output.WriteLine(VerdictText.Explain(flow.Verdict));
        output.WriteLine();
    }

    private static void Title(Terminal terminal, string text)
    {
        terminal.Output.WriteLine();
        terminal.Output.WriteLine(terminal.Colour ? $"\e[1m{text}\e[0m" : text);
        terminal.Output.WriteLine();
    }
}
