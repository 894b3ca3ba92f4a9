using Podfence.Evaluation;
using Podfence.Model;
using static Podfence.Lab.Tests.Samples;

namespace Podfence.Lab.Tests;

/// <summary>Without a fence everybody reaches everybody, over every kind of network.</summary>
public sealed class ConnectivityTests(ITestOutputHelper output)
{
    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromSeconds(3) };

    [Theory]
    [InlineData(PodNetwork.Bridge)]
    [InlineData(PodNetwork.Routed)]
    [InlineData(PodNetwork.Vxlan)]
    public async Task Probe_AllPairsOfChosenPods_AllAllowed(PodNetwork kind)
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var pods = Enumerable
            .Range(1, 10)
            .Select(i => Pod($"a/p{i}"))
            .Append(Pod("a/host") with { HostNetwork = true });
        var plan = LabPlanner.PlanOrThrow([], pods, new LabNetworkOptions { PodNetwork = kind });

        await AssertAllReachableAsync(plan, cancel);
    }

    [Theory]
    [InlineData(PodNetwork.Bridge)]
    [InlineData(PodNetwork.Routed)]
    [InlineData(PodNetwork.Vxlan)]
    public async Task Probe_StatedAddressesExternalAndInForeignCidrs_AllAllowed(PodNetwork kind)
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var plan = LabPlanner.PlanOrThrow(
            [
                Node("w1", ["172.18.0.2"]),
                Node("w2", ["172.18.0.3", "fc00::3"]),
                Node("w3", kind == PodNetwork.Vxlan ? ["172.18.0.4"] : ["fc00::4"], ["10.3.0.0/24", "fd03::/64"]),
            ],
            [
                Pod("a/in1", "w1"),
                Pod("a/in2", "w2"),
                Pod("a/in3", "w3"),
                Pod("a/in4", "w2"),
                Pod("a/stray", "w1", null, "192.0.2.7", "fd77::7"),
                // of another node's CIDR
                Pod("a/moved", "w1", null, "10.244.1.77", "fd00:10:244:1::77"),
                Pod("a/mixed", "w2", null, "10.3.0.9"),
            ],
            new LabNetworkOptions { PodNetwork = kind }
        );

        await AssertAllReachableAsync(plan, cancel);
    }

    private async Task AssertAllReachableAsync(LabPlan plan, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        await using var network = await LabNetwork.CreateAsync(plan, cancel);
        output.WriteLine($"up after {time.GetElapsedTime(start).TotalMilliseconds:0} ms");
        using var prober = new Prober(network);
        LabEndpoint[] ends =
        [
            .. plan.Pods.Keys.Select(key => new PodEndpoint(key)),
            .. plan.Nodes.Select(node => new NodeEndpoint(node.Object.Name)),
            LabEndpoint.Parse("198.51.100.7"),
            LabEndpoint.Parse("10.0.0.7"),
            LabEndpoint.Parse("2001:db8::7"),
        ];
        var flows = (
            from @from in ends
            from to in ends
            where !(@from is ExternalEndpoint && to is ExternalEndpoint)
            from family in IpFamilies.All
            where Has(plan, @from, family) && Has(plan, to, family)
            from protocol in (Protocol[])[Protocol.Tcp, Protocol.Udp]
            from port in (int[])[80, 7777]
            select new LabFlow(@from, to, protocol, port, family)
        ).ToList();

        start = time.GetTimestamp();
        var results = await prober.ProbeAsync(flows, s_probe, cancel);
        output.WriteLine(
            $"{flows.Count} flows in {time.GetElapsedTime(start).TotalMilliseconds:0} ms, slowest "
                + $"{results.Max(result => result.Latency).TotalMilliseconds:0} ms"
        );

        Assert.Empty(
            results
                .Where(result => !result.IsAllowed)
                .Take(20)
                .Select(result => $"{result.Flow}: {result.Outcome} {result.Detail}")
        );
    }

    private static bool Has(LabPlan plan, LabEndpoint end, IpFamily family) =>
        end switch
        {
            PodEndpoint pod => plan.Pods[pod.Key].Object.AddressOf(family) is not null,
            NodeEndpoint node => plan.FindNode(node.Name)!.Object.AddressOf(family) is not null,
            ExternalEndpoint outside => outside.Address.Family == family,
            _ => false,
        };
}
