using System.Net;
using System.Net.Sockets;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.KernelTests;

/// <summary>What a caller gets to hear who is not let in, and what passes whatever the policies say.</summary>
public sealed class DenyActionTests
{
    private static readonly ProbeOptions s_probe = new() { Timeout = TimeSpan.FromMilliseconds(1_500) };

    [Theory]
    [InlineData(PodNetwork.Bridge, DenyAction.Reject)]
    [InlineData(PodNetwork.Routed, DenyAction.Reject)]
    [InlineData(PodNetwork.Vxlan, DenyAction.Reject)]
    [InlineData(PodNetwork.Bridge, DenyAction.Drop)]
    [InlineData(PodNetwork.Routed, DenyAction.Drop)]
    [InlineData(PodNetwork.Bridge, DenyAction.Reject, DataplaneKind.IptablesNft)]
    [InlineData(PodNetwork.Routed, DenyAction.Reject, DataplaneKind.IptablesLegacy)]
    [InlineData(PodNetwork.Bridge, DenyAction.Reject, DataplaneKind.IptablesLegacy)]
    [InlineData(PodNetwork.Bridge, DenyAction.Drop, DataplaneKind.IptablesNft)]
    [InlineData(PodNetwork.Routed, DenyAction.Drop, DataplaneKind.IptablesLegacy)]
    public async Task Denied_EitherProtocolAndFamily_ClientGetsTheConfiguredAction(
        PodNetwork kind,
        DenyAction action,
        DataplaneKind dataplane = DataplaneKind.Nftables
    )
    {
        Root.Require();
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster,
            new LabNetworkOptions { PodNetwork = kind },
            new CompilerOptions { Ruleset = new RulesetOptions { DenyAction = action } },
            dataplane
        );

        var results = await lab.Prober.ProbeAsync(
            [.. TwoNodeCluster.Flows],
            s_probe,
            TestContext.Current.CancellationToken
        );

        var denied = action == DenyAction.Reject ? ProbeOutcome.Refused : ProbeOutcome.TimedOut;
        var wrong = results
            .Where(result => result.Outcome != (lab.IsAllowed(result.Flow) ? ProbeOutcome.Allowed : denied))
            .ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Contains(results, static result => result.IsDenied);
    }

    [Theory]
    [InlineData(PodNetwork.Bridge)]
    [InlineData(PodNetwork.Routed)]
    [InlineData(PodNetwork.Bridge, DataplaneKind.IptablesNft)]
    [InlineData(PodNetwork.Bridge, DataplaneKind.IptablesLegacy)]
    public async Task Echo_DefaultDeny_OnlyWhatAllowsEverythingLetsItIn(
        PodNetwork kind,
        DataplaneKind dataplane = DataplaneKind.Nftables
    )
    {
        Root.Require();
        var everything = new NetworkPolicy
        {
            Key = new PolicyKey("default", "all"),
            PodSelector = TwoNodeCluster.App(TwoNodeCluster.Far),
            IsolatesIngress = true,
            Ingress = [new PolicyRule([], [])],
        };
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster with
            {
                Policies = [.. TwoNodeCluster.Cluster.Policies, everything],
            },
            new LabNetworkOptions { PodNetwork = kind },
            kind: dataplane
        );
        foreach (var family in IpFamilies.All)
        {
            // web may speak to db on two ports, which an echo has not.
            Assert.False(await EchoAsync(lab, TwoNodeCluster.Web, TwoNodeCluster.Db, family), $"{family} db");
            Assert.False(
                await EchoAsync(lab, TwoNodeCluster.Open, TwoNodeCluster.Db, family),
                $"{family} db from open"
            );
            Assert.True(await EchoAsync(lab, TwoNodeCluster.Open, TwoNodeCluster.Far, family), $"{family} far");
            Assert.True(await EchoAsync(lab, TwoNodeCluster.Web, TwoNodeCluster.Far, family), $"{family} far from web");
        }
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task NeighbourDiscovery_PodThatMayNotSpeak_IsFoundOnItsBridge(DataplaneKind dataplane)
    {
        Root.Require();
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster,
            new LabNetworkOptions(),
            kind: dataplane
        );
        var flow = TwoNodeCluster.Flow(TwoNodeCluster.Web, TwoNodeCluster.Db, IpFamily.IPv6);
        foreach (var pod in (PodKey[])[TwoNodeCluster.Web, TwoNodeCluster.Db])
        {
            Tools.Run(lab.Network.Pod(pod), "ip", ["-6", "neigh", "flush", "all"]);
        }

        // Otherwise the fence would not see these packets at all.
        Assert.Equal(
            "1",
            lab.Network.Node("n1")
                .Run(static () => File.ReadAllText("/proc/sys/net/bridge/bridge-nf-call-ip6tables"))
                .Trim()
        );
        var result = await lab.Prober.ProbeAsync(flow, s_probe, TestContext.Current.CancellationToken);

        Assert.True(result.IsAllowed, result.ToString());
        Assert.Contains(
            TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv6).ToString(),
            Tools.Run(lab.Network.Pod(TwoNodeCluster.Web), "ip", ["-6", "neigh"]),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(PodNetwork.Bridge, IpFamily.IPv4)]
    [InlineData(PodNetwork.Bridge, IpFamily.IPv6)]
    [InlineData(PodNetwork.Routed, IpFamily.IPv4)]
    [InlineData(PodNetwork.Routed, IpFamily.IPv6)]
    [InlineData(PodNetwork.Bridge, IpFamily.IPv4, DataplaneKind.IptablesLegacy)]
    [InlineData(PodNetwork.Routed, IpFamily.IPv6, DataplaneKind.IptablesNft)]
    public async Task PathMtu_NarrowLinkOnTheWay_LargeTransferArrives(
        PodNetwork kind,
        IpFamily family,
        DataplaneKind dataplane = DataplaneKind.Nftables
    )
    {
        Root.Require();
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster,
            new LabNetworkOptions { PodNetwork = kind },
            kind: dataplane
        );
        var cancel = TestContext.Current.CancellationToken;

        // The way from n1 to the other node takes less than the pods' links do: only the path says so.
        Tools.Run(lab.Network.Node("n1"), "ip", ["link", "set", "eth0", "mtu", "1300"]);
        using var server = await lab
            .Network.Pod(TwoNodeCluster.Far)
            .OpenSocketAsync(Family(family), SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(TwoNodeCluster.Address(TwoNodeCluster.Far, family).ToSystem(), 8_080));
        server.Listen();
        using var client = await lab
            .Network.Pod(TwoNodeCluster.Web)
            .OpenSocketAsync(Family(family), SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(8), TimeProvider.System);
        await client.ConnectAsync(
            new IPEndPoint(TwoNodeCluster.Address(TwoNodeCluster.Far, family).ToSystem(), 8_080),
            limit.Token
        );
        using var accepted = await server.AcceptAsync(limit.Token);
        var sending = Task.Run(
            async () =>
            {
                await client.SendAsync(new byte[200_000], limit.Token);
                client.Shutdown(SocketShutdown.Send);
            },
            cancel
        );

        var received = 0;
        var buffer = new byte[65_536];
        for (int length; (length = await accepted.ReceiveAsync(buffer, limit.Token)) > 0; )
        {
            received += length;
        }

        await sending;
        Assert.Equal(200_000, received);
        Assert.Contains(
            "mtu 1300",
            Tools.Run(
                lab.Network.Pod(TwoNodeCluster.Web),
                "ip",
                [
                    family == IpFamily.IPv4 ? "-4" : "-6",
                    "route",
                    "get",
                    TwoNodeCluster.Address(TwoNodeCluster.Far, family).ToString(),
                ]
            ),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(PodNetwork.Bridge)]
    [InlineData(PodNetwork.Routed)]
    [InlineData(PodNetwork.Bridge, DataplaneKind.IptablesNft)]
    [InlineData(PodNetwork.Bridge, DataplaneKind.IptablesLegacy)]
    public async Task Established_PolicyThenDenies_ConnectionContinuesAndNewOnesAreDenied(
        PodNetwork kind,
        DataplaneKind dataplane = DataplaneKind.Nftables
    )
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster,
            new LabNetworkOptions { PodNetwork = kind },
            kind: dataplane
        );
        foreach (var family in IpFamilies.All)
        {
            var flow = TwoNodeCluster.Flow(TwoNodeCluster.Web, TwoNodeCluster.Db, family);
            using var servers = new ServerTable();
            using var rental = await servers.AcquireAsync(
                lab.Network.Pod(TwoNodeCluster.Db),
                "db",
                TwoNodeCluster.Address(TwoNodeCluster.Db, family).ToSystem(),
                TwoNodeCluster.Port,
                ProtocolType.Tcp
            );
            using var client = await lab
                .Network.Pod(TwoNodeCluster.Web)
                .OpenSocketAsync(Family(family), SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(
                new IPEndPoint(TwoNodeCluster.Address(TwoNodeCluster.Db, family).ToSystem(), TwoNodeCluster.Port),
                cancel
            );
            await AskAsync(client);
            foreach (var policy in TwoNodeCluster.Cluster.Policies)
            {
                lab.State.Upsert(policy with { Ingress = [], Egress = [] });
            }

            lab.Apply();
            await AskAsync(client);
            Assert.Equal(ProbeOutcome.Refused, (await lab.Prober.ProbeAsync(flow, s_probe, cancel)).Outcome);
            await AskAsync(client);
            foreach (var policy in TwoNodeCluster.Cluster.Policies)
            {
                lab.State.Upsert(policy);
            }

            lab.Apply();
            Assert.Equal(ProbeOutcome.Allowed, (await lab.Prober.ProbeAsync(flow, s_probe, cancel)).Outcome);
        }

        async Task AskAsync(Socket client)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3), TimeProvider.System);
            await client.SendAsync("still there?\n"u8.ToArray(), limit.Token);
            Assert.NotEqual(0, await client.ReceiveAsync(new byte[256], limit.Token));
        }
    }

    /// <summary>Whether an echo request gets a reply.</summary>
    private static async Task<bool> EchoAsync(FencedLab lab, PodKey from, PodKey to, IpFamily family)
    {
        var isOld = family == IpFamily.IPv4;
        using var socket = await lab
            .Network.Pod(from)
            .OpenSocketAsync(Family(family), SocketType.Raw, isOld ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        await socket.ConnectAsync(
            new IPEndPoint(TwoNodeCluster.Address(to, family).ToSystem(), 0),
            TestContext.Current.CancellationToken
        );
        byte[] request = isOld ? [8, 0, 0xf7, 0xfe, 0, 0, 0, 1] : [128, 0, 0, 0, 0, 0, 0, 1];
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(700), TimeProvider.System);
        try
        {
            await socket.SendAsync(request, limit.Token);
            var buffer = new byte[1_500];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, limit.Token);
                var type = isOld ? buffer[(buffer[0] & 15) * 4] : buffer[0];
                if (length > 0 && type == (isOld ? 0 : 129))
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static AddressFamily Family(IpFamily family) =>
        family == IpFamily.IPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
}
