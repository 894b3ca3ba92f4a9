using System.CommandLine;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary><c>podfence lab matrix</c>: who reaches whom, measured by packets and marked where the policies say otherwise.</summary>
internal static class LabMatrixVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var protocol = LabVerb.ProtocolOption();
        var family = ChoiceOption.CreateOptional<IpFamily>("--family", "Without it, both");
        var outside = new Option<string[]>("--outside") { Description = "Outside addresses to connect from as well", HelpName = "ADDRESS" };
        var timeout = ProbeTimeout.Option();
        var output = OutputOption.Create();
        var verb = new Command("matrix", "Show who reaches whom on every declared port, by packets; exit code 2 where the policies say otherwise")
        {
            protocol, family, outside, timeout, name, output,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var check = await FlowCheck.OfAsync(parsed.GetValue(name)!, cancel);
            var lines = Lines(check.State, parsed.GetValue(protocol), parsed.GetValue(family)?.Value, parsed.GetValue(outside) ?? []);
            var measured = await check.MeasureAsync(check.Expand(lines, areWanted: false), TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancel);
            return parsed.GetValue(output) == OutputFormat.Json
                ? FlowReport.Write(measured, OutputFormat.Json, parsed.Terminal())
                : FlowMatrix.Write(measured, parsed.Terminal());
        });
        return verb.WithExamples(
            ("All pods and nodes", "podfence lab matrix"),
            ("Two outside hosts beside them, IPv4 only", "podfence lab matrix --outside 172.17.0.9 --outside 172.17.1.9 --family ipv4"));
    }

    /// <summary>Every pod, node and outside address to every declared port of every other pod.</summary>
    private static List<Expectation> Lines(ClusterState state, Protocol protocol, IpFamily? family, string[] outside)
    {
        var destinations = (
            from pod in state.Pods.OrderBy(static pod => pod.Key)
            where !pod.Finished && !pod.Addresses.IsEmpty
            from port in pod.Ports.Select(static declared => declared.Number).Distinct().Order()
            select (Pod: pod, Port: port)).ToList();
        if (destinations.Count == 0)
        {
            throw new CliException("no pod of the lab declares a port: state containerPort for some, or probe with 'podfence lab probe --port'");
        }

        var addresses = outside.Select(static text => IpText.TryParseStrict(text, out IpAddress address) ? address : throw new CliException($"--outside {text}: not an address")).ToList();
        List<(EndPattern Pattern, Func<IpFamily, bool> Has, PodKey? Pod)> sources =
        [
            .. state.Pods.Where(static pod => !pod.Finished && !pod.Addresses.IsEmpty).OrderBy(static pod => pod.Key)
                .Select(static pod => ((EndPattern)new PodPattern(pod.Key.Namespace, pod.Key.Name), (Func<IpFamily, bool>)(family => pod.AddressOf(family) is not null), (PodKey?)pod.Key)),
            .. state.Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)
                .Select(static node => ((EndPattern)new NodePattern(node.Name), (Func<IpFamily, bool>)(family => node.AddressOf(family) is not null), (PodKey?)null)),
            .. addresses.Select(static address => ((EndPattern)new AddressPattern(address), (Func<IpFamily, bool>)(family => family == address.Family), (PodKey?)null)),
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
