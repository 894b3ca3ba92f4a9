using System.CommandLine;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence lab matrix</c>: measures connectivity with packets and marks contradictions to the policies.
/// </summary>
internal static class LabMatrixVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var protocol = LabVerb.ProtocolOption();
        var family = EnumOption.CreateOptional<IpFamily>("--family", "Address family; default: both");
        var external = new Option<string[]>("--external")
        {
            Description = "External addresses to connect from as well",
            HelpName = "ADDRESS",
        };
        var timeout = ProbeTimeout.Option();
        var output = OutputOption.Create();
        var verb = new Command(
            "matrix",
            "Measure connectivity to every declared port with real packets; exit code 2 if it contradicts the policies"
        )
        {
            protocol,
            family,
            external,
            timeout,
            name,
            output,
        };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var check = await FlowCheck.OfAsync(parsed.GetValue(name)!, cancel);
                var lines = Lines(
                    check.State,
                    parsed.GetValue(protocol),
                    parsed.GetValue(family)?.Value,
                    parsed.GetValue(external) ?? []
                );
                var measured = await check.MeasureAsync(
                    check.Expand(lines, areWanted: false),
                    TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                    cancel
                );
                return parsed.GetValue(output) == OutputFormat.Json
                    ? FlowReport.Write(measured, OutputFormat.Json, parsed.Terminal())
                    : FlowMatrix.Write(measured, parsed.Terminal());
            }
        );
        return verb.WithExamples(
            ("All pods and nodes", "podfence lab matrix"),
            (
                "With two external hosts, IPv4 only",
                "podfence lab matrix --external 172.17.0.9 --external 172.17.1.9 --family ipv4"
            )
        );
    }

    /// <summary>Every pod, node and external address to every declared port of every other pod.</summary>
    private static List<Expectation> Lines(ClusterState state, Protocol protocol, IpFamily? family, string[] external)
    {
        var destinations = (
            from pod in state.Pods.OrderBy(static pod => pod.Key)
            where !pod.Finished && !pod.Addresses.IsEmpty
            from port in pod.Ports.Select(static declared => declared.Number).Distinct().Order()
            select (Pod: pod, Port: port)
        ).ToList();
        if (destinations.Count == 0)
        {
            throw new CliException(
                "no pod of the lab declares a port: set containerPort on some, or use 'podfence lab probe --port'"
            );
        }

        var addresses = external
            .Select(static text =>
                IpText.TryParseStrict(text, out IpAddress address)
                    ? address
                    : throw new CliException($"--external {text}: not an IP address")
            )
            .ToList();
        List<(EndPattern Pattern, Func<IpFamily, bool> Has, PodKey? Pod)> sources =
        [
            .. state
                .Pods.Where(static pod => !pod.Finished && !pod.Addresses.IsEmpty)
                .OrderBy(static pod => pod.Key)
                .Select(static pod =>
                    (
                        (EndPattern)new PodPattern(pod.Key.Namespace, pod.Key.Name),
                        (Func<IpFamily, bool>)(family => pod.AddressOf(family) is not null),
                        (PodKey?)pod.Key
                    )
                ),
            .. state
                .Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)
                .Select(static node =>
                    (
                        (EndPattern)new NodePattern(node.Name),
                        (Func<IpFamily, bool>)(family => node.AddressOf(family) is not null),
                        (PodKey?)null
                    )
                ),
            .. addresses.Select(static address =>
                (
                    (EndPattern)new AddressPattern(address),
                    (Func<IpFamily, bool>)(family => family == address.Family),
                    (PodKey?)null
                )
            ),
        ];
        return
        [
            .. from source in sources
            from destination in destinations
            where source.Pod != destination.Pod.Key
            from one in IpFamilies.All
            where (family ?? one) == one && source.Has(one) && destination.Pod.AddressOf(one) is not null
            select new Expectation
            {
                From = source.Pattern,
                To = new PodPattern(destination.Pod.Key.Namespace, destination.Pod.Key.Name),
                Protocol = protocol,
                Port = destination.Port,
                Family = one,
                Verdict = ExpectedVerdict.Allow,
            },
        ];
    }
}
