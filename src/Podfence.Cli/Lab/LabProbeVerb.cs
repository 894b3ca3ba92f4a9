using System.CommandLine;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence lab probe</c>: sends packets and shows the result with the verdict and the expectation.
/// </summary>
internal static class LabProbeVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var from = new Option<string>("--from")
        {
            Description = "Source: NAMESPACE/POD (globs allowed), node:NAME or an external IP address",
            DefaultValueFactory = static _ => "*/*",
            HelpName = "END",
        };
        var to = new Option<string>("--to")
        {
            Description = "Destination, in the same format",
            DefaultValueFactory = static _ => "*/*",
            HelpName = "END",
        };
        var port = new Option<int?>("--port")
        {
            Description = "Destination port; default: the ports that the destination declares",
            HelpName = "PORT",
        };
        var protocol = LabVerb.ProtocolOption();
        var family = EnumOption.CreateOptional<IpFamily>(
            "--family",
            "Address family; default: every family that both endpoints have"
        );
        var expect = new Option<string[]>("--expect")
        {
            Description = "Expectation files to check instead of --from and --to; exit code 2 on a mismatch",
            HelpName = "FILE",
        };
        var timeout = ProbeTimeout.Option();
        var output = OutputOption.Create();
        var verb = new Command(
            "probe",
            "Probe connections with real packets; exit code 2 if they contradict the policies or the expectations"
        )
        {
            from,
            to,
            port,
            protocol,
            family,
            expect,
            timeout,
            name,
            output,
        };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var check = await FlowCheck.OfAsync(parsed.GetValue(name)!, cancel);
                var files = parsed.GetValue(expect) ?? [];
                var flows =
                    files.Length > 0
                        ? check.Expand(ReadFiles(files), areWanted: true)
                        : check.Expand(
                            Expectations(
                                check.State,
                                Pattern("--from", parsed.GetValue(from)!),
                                Pattern("--to", parsed.GetValue(to)!),
                                parsed.GetValue(port),
                                parsed.GetValue(protocol),
                                parsed.GetValue(family)?.Value
                            ),
                            areWanted: false
                        );
                var measured = await check.MeasureAsync(flows, TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancel);
                return FlowReport.Write(measured, parsed.GetValue(output), parsed.Terminal());
            }
        );
        return verb.WithExamples(
            (
                "One connection, over every family that both endpoints have",
                "podfence lab probe --from default/web --to default/db --port 6379"
            ),
            ("From an external address to every pod", "podfence lab probe --from 198.51.100.7 --port 80"),
            ("Check an expectation file", "podfence lab probe --expect expect.yaml")
        );
    }

    private static IReadOnlyList<Expectation> ReadFiles(string[] files)
    {
        var expectations = ExpectationReader.Read(files);
        // A file without expectations would pass whatever the packets do.
        return expectations.HasErrors
                ? throw new CliException($"the expectations have errors\n{string.Join('\n', expectations.Diagnostics)}")
            : expectations.Items.Count == 0
                ? throw new CliException($"{string.Join(", ", files)}: no expectations: write a list under expect")
            : expectations.Items;
    }

    private static EndPattern Pattern(string option, string text) =>
        EndPatternText.TryParse(text, out var pattern, out var fault)
            ? pattern!
            : throw new CliException($"{option} {text}: {fault}");

    /// <summary>One expectation per port: the given one, or those that the destinations declare.</summary>
    private static Expectation[] Expectations(
        ClusterState state,
        EndPattern from,
        EndPattern to,
        int? port,
        Protocol protocol,
        IpFamily? family
    )
    {
        if (port is { } one)
        {
            return one is > 0 and <= 65535
                ? [Line(to, one)]
                : throw new CliException($"--port {one}: ports are 1 to 65535");
        }

        Func<Pod, bool> matches = to switch
        {
            PodPattern pods => pod => pods.Matches(pod.Key),
            WorkloadPattern workload => workload.Matches,
            _ => throw new CliException($"--port is missing: {to} declares no ports"),
        };
        var isMany = to is WorkloadPattern or PodPattern { IsGlob: true };

        Expectation[] lines =
        [
            .. from pod in state.Pods.OrderBy(static pod => pod.Key)
            where matches(pod) && !pod.Finished
            from number in pod
                .Ports.Where(declared => declared.Protocol == protocol)
                .Select(static declared => declared.Number)
                .Distinct()
                .Order()
            // A glob never pairs a pod with itself; a destination named in full may be the source.
            where !(@from is PodPattern { IsGlob: false } self && self.Matches(pod.Key) && isMany)
            select Line(new PodPattern(pod.Key.Namespace, pod.Key.Name), number),
        ];
        return lines.Length > 0
            ? lines
            : throw new CliException(
                $"--port is missing: no pod of {to} declares a {protocol.ToString().ToUpperInvariant()} port"
            );

        Expectation Line(EndPattern destination, int number) =>
            new()
            {
                From = from,
                To = destination,
                Protocol = protocol,
                Port = number,
                Family = family,
                Verdict = ExpectedVerdict.Allow,
            };
    }
}
