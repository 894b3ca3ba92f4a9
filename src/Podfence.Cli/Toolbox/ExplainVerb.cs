using System.CommandLine;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence explain</c>: whether a connection is allowed, and why; or everything that one pod reaches and is reached
/// by.
/// </summary>
internal static class ExplainVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var from = new Argument<string>("FROM") { Description = $"Source: {EndArgument.Forms}" };
        var to = new Argument<string?>("TO")
        {
            Description = "Destination, in the same form; without it, everything that FROM reaches and is reached by",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var protocol = EnumOption.CreateOptional<Protocol>(
            "--protocol",
            "Protocol of the port (default: TCP, or that of a named port)"
        );
        var family = EnumOption.CreateOptional<IpFamily>(
            "--family",
            "Address family (default: every family that both endpoints have)"
        );
        var output = OutputOption.Create();
        var verb = new Command(
            "explain",
            "Explain whether a connection is allowed, which rule decides, and what would change it"
        )
        {
            from,
            to,
        };
        cluster.AddTo(verb);
        verb.Add(protocol);
        verb.Add(family);
        verb.Add(output);
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var question = new Question(
                    await cluster.ReadAsync(parsed, cancel),
                    cluster.NamespaceOf(parsed),
                    parsed.GetValue(protocol)?.Value,
                    parsed.GetValue(family)?.Value
                );
                var source = parsed.GetValue(from)!;
                if (parsed.GetValue(to) is { } destination)
                {
                    ExplainReport.Write(
                        question.Cluster,
                        question.Explain(source, destination),
                        parsed.GetValue(output),
                        parsed.Terminal()
                    );
                }
                else
                {
                    ReachReport.Write(
                        question.Cluster,
                        question.PodsOf(source),
                        parsed.GetValue(output),
                        parsed.Terminal()
                    );
                }

                return ExitCodes.Success;
            }
        );
        return verb.WithExamples(
            (
                "One connection: the verdict, the rule that decides, and what would allow it",
                "podfence explain default/web default/db:6379 -f manifests/"
            ),
            (
                "Between workloads, by the name of a port",
                "podfence explain deploy/web sts/db:redis -f manifests/ -n shop"
            ),
            (
                "From an external address, over UDP",
                "podfence explain 198.51.100.7 default/dns:53 --protocol udp -f manifests/"
            ),
            ("Everything that a pod reaches and is reached by", "podfence explain default/db -f manifests/")
        );
    }

    /// <summary>A question about a cluster.</summary>
    private sealed record Question(Cluster Cluster, string Namespace, Protocol? Protocol, IpFamily? Family)
    {
        public PortAnswer Explain(string source, string destination)
        {
            var from = EndArgument.Parse(source, Namespace, Cluster.State);
            var to = EndArgument.Parse(destination, Namespace, Cluster.State);
            if (from.Port is not null)
            {
                throw new CliException($"{source}: the port belongs to the destination: write it after {destination}");
            }

            // The endpoints are the same for every port.
            var pairs = Flows(from, to, (Model.Protocol.Tcp, 1));
            var destinations = pairs
                .Select(static flow => flow.To.Pod)
                .OfType<Pod>()
                .DistinctBy(static pod => pod.Key)
                .ToList();
            if (to.Port is { } port)
            {
                return new(Open: null, Explain(from, to, EndArgument.Ports(port, Protocol, destinations)));
            }

            var open = Open(pairs);
            var declared = destinations
                .SelectMany(static pod => pod.Ports)
                .Select(static port => (port.Protocol, port.Number))
                .Where(port => (Protocol ?? port.Protocol) == port.Protocol)
                .Distinct()
                .ToList();
            return new(open, Explain(from, to, declared.Count > 0 ? declared : SamplePorts(open)));
        }

        /// <summary>The pods that an argument matches, one of each set of equal pods.</summary>
        public List<Pod> PodsOf(string text)
        {
            var end = EndArgument.Parse(text, Namespace, Cluster.State);
            if (end.Port is not null || end.Pattern is not (PodPattern or WorkloadPattern))
            {
                throw new CliException($"{text}: without a destination, name a pod or a workload, and no port");
            }

            var anyone = new AddressPattern(Cluster.State.Pods.SelectMany(static pod => pod.Addresses).Min());
            var expanded = new[]
            {
                new Expectation
                {
                    From = end.Pattern,
                    To = anyone,
                    Port = 1,
                    Verdict = ExpectedVerdict.Allow,
                },
            }.Expand(Cluster.State);
            var pods = expanded
                .Flows.Select(static flow => flow.From.Pod)
                .OfType<Pod>()
                .DistinctBy(static pod => (pod.Labels, pod.HostNetwork, pod.Ports))
                .ToList();
            return pods.Count > 0 ? pods : throw NoMatch(expanded.Diagnostics);
        }

        private List<FlowExplanation> Explain(
            EndArgument from,
            EndArgument to,
            IReadOnlyList<(Protocol Protocol, int Port)> ports
        ) => [.. ports.SelectMany(port => FlowExplainer.Explain(Cluster, Flows(from, to, port)))];

        private IReadOnlyList<ExpectedFlow> Flows(EndArgument from, EndArgument to, (Protocol Protocol, int Port) port)
        {
            var expectation = new Expectation
            {
                From = from.Pattern,
                To = to.Pattern,
                Protocol = port.Protocol,
                Port = port.Port,
                Family = Family,
                Verdict = ExpectedVerdict.Allow,
            };
            var (flows, faults) = new[] { expectation }.Expand(Cluster.State);
            return flows.Count > 0 ? flows : throw NoMatch(faults);
        }

        private static CliException NoMatch(IReadOnlyList<Diagnostic> faults) =>
            new(
                string.Join(
                    '\n',
                    faults.Select(static fault =>
                        fault.Remedy is null ? fault.Message : $"{fault.Message} ({fault.Remedy})"
                    )
                )
            );

        /// <summary>The ports that are open between all pairs.</summary>
        private PortSet Open(IReadOnlyList<ExpectedFlow> pairs)
        {
            var reach = new PortReach(Cluster);
            return pairs
                .Select(flow => reach.Between(End(flow.From), End(flow.To)))
                .Aggregate(static (all, one) => all.Intersect(one));
        }

        private ReachEndpoint End(ExpectedEnd end) =>
            end.Pod is { } pod ? ReachEndpoint.Of(Cluster.State, pod, end.Address)
            : end.Node is { } node ? ReachEndpoint.Of(Cluster.State, node, end.Address)
            : ReachEndpoint.External(end.Address);

        /// <summary>Where no port is declared: one open and one closed port, if they exist.</summary>
        private List<(Protocol, int)> SamplePorts(PortSet open)
        {
            var protocol = Protocol ?? Model.Protocol.Tcp;
            var candidates = Enumerable.Range(80, 65456).Concat(Enumerable.Range(1, 79)).ToList();
            var closed = candidates.Find(port => !open.Contains(protocol, port));
            var first = open.Contains(protocol, 80)
                ? 80
                : open.Ranges.FirstOrDefault(range => range.Protocol == protocol).First;
            return [.. new[] { first, closed }.Where(static port => port > 0).Select(port => (protocol, port))];
        }
    }
}
