using System.Net.Sockets;
using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>How existing connections are handled when a new policy denies them.</summary>
public sealed class EstablishedTests
{
    private static readonly TimeSpan s_aSecond = TimeSpan.FromSeconds(1);

    // A tenth of a second by iptables too on an idle machine; but several programs have to be started first.
    private static readonly TimeSpan s_someSeconds = TimeSpan.FromSeconds(10);

    public static TheoryData<DataplaneKind> Dataplanes =>
        [DataplaneKind.Nftables, DataplaneKind.IptablesNft, DataplaneKind.IptablesLegacy];

    [Theory]
    [InlineData(IpFamily.IPv4, DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv6, DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv4, DataplaneKind.IptablesNft)]
    [InlineData(IpFamily.IPv6, DataplaneKind.IptablesLegacy)]
    public async Task Tighten_ByDefault_LeavesConnectionsUnderWay(IpFamily family, DataplaneKind dataplane)
    {
        Root.Require();
        await using var lab = await ConnectionLab.CreateAsync(default, dataplane: dataplane);
        using var tcp = await lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, family, Protocol.Tcp);
        using var udp = await lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, family, Protocol.Udp);

        await lab.EnforceAsync(ConnectionLab.OnlyWeb);

        // As long as cutting would take.
        await Task.Delay(s_aSecond, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(await tcp.GoesOnAsync(), "TCP");
        Assert.True(await udp.GoesOnAsync(), "UDP");
        await Assert.ThrowsAnyAsync<Exception>(() =>
            lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, family, Protocol.Tcp)
        );
    }

    [Theory]
    [InlineData(IpFamily.IPv4, PodNetwork.Bridge, DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv6, PodNetwork.Bridge, DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv4, PodNetwork.Routed, DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv4, PodNetwork.Bridge, DataplaneKind.IptablesNft)]
    [InlineData(IpFamily.IPv6, PodNetwork.Routed, DataplaneKind.IptablesNft)]
    [InlineData(IpFamily.IPv6, PodNetwork.Bridge, DataplaneKind.IptablesLegacy)]
    [InlineData(IpFamily.IPv4, PodNetwork.Routed, DataplaneKind.IptablesLegacy)]
    public async Task Tighten_Cut_EndsWhatIsDeniedSoonAndNothingElse(
        IpFamily family,
        PodNetwork kind,
        DataplaneKind dataplane
    )
    {
        Root.Require();
        await using var lab = await ConnectionLab.CreateAsync(ExistingConnections.Terminate, kind, dataplane);
        using var deniedTcp = await lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, family, Protocol.Tcp);
        using var deniedUdp = await lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, family, Protocol.Udp);
        using var allowedTcp = await lab.TalkAsync(TwoNodeCluster.Web, TwoNodeCluster.Db, family, Protocol.Tcp);
        using var allowedUdp = await lab.TalkAsync(TwoNodeCluster.Web, TwoNodeCluster.Db, family, Protocol.Udp);
        using var outgoing = await lab.TalkAsync(TwoNodeCluster.Db, TwoNodeCluster.Open, family, Protocol.Tcp);
        using var ofTheNode = await Conversation.BeginAsync(
            lab.Network.Node("n1"),
            lab.Network.Pod(TwoNodeCluster.Db),
            TwoNodeCluster.Address(TwoNodeCluster.Db, family),
            TwoNodeCluster.Address(TwoNodeCluster.Db, family),
            Protocol.Tcp
        );

        await lab.EnforceAsync(ConnectionLab.OnlyWeb);
        await UntilCutAsync(lab, 2, dataplane);

        Assert.False(await deniedTcp.GoesOnAsync(), "denied TCP");
        Assert.False(await deniedUdp.GoesOnAsync(), "denied UDP");
        Assert.True(deniedTcp.CallerIsReset, "the caller learns at once");
        foreach (
            var (what, other) in new[]
            {
                ("allowed TCP", allowedTcp),
                ("allowed UDP", allowedUdp),
                ("outgoing", outgoing),
                ("of the node", ofTheNode),
            }
        )
        {
            Assert.True(await other.GoesOnAsync(), what);
        }
    }

    [Theory, MemberData(nameof(Dataplanes))]
    public async Task Tighten_CutWhileTheAnswererSpeaks_IsNoConnectionTheOtherWayRound(DataplaneKind dataplane)
    {
        Root.Require();
        await using var lab = await ConnectionLab.CreateAsync(ExistingConnections.Terminate, dataplane: dataplane);
        using var denied = await lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, IpFamily.IPv4, Protocol.Tcp);

        await lab.EnforceAsync(ConnectionLab.OnlyWeb);
        await UntilCutAsync(lab, 1, dataplane);

        // The kernel takes a packet in the middle of a connection for the first of one (nf_conntrack_tcp_loose), and db
        // may connect to any pod.
        for (var push = 0; push < 5; push++)
        {
            await denied.PushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.True(denied.CallerIsReset, "the client's acknowledgement is denied");
        Assert.False(await denied.GoesOnAsync());
        Assert.DoesNotContain(lab.Tracked(TwoNodeCluster.Open), static connection =>
            connection.Status.HasFlag(ConnectionStatus.SeenReply)
        );

        // Nor is a new one let through because it has the addresses and ports of the old.
        using var again = await lab
            .Network.Pod(TwoNodeCluster.Open)
            .OpenSocketAsync(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var (caller, server) = (denied.Caller.LocalEndPoint!, denied.Server.LocalEndPoint!);
        denied.Dispose();
        again.Bind(caller);
        var exception = await Assert.ThrowsAsync<SocketException>(async () =>
            await again.ConnectAsync(server, TestContext.Current.CancellationToken)
        );
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Theory]
    [InlineData(IpFamily.IPv4, "10.96.0.10", DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv6, "fd00:96::10", DataplaneKind.Nftables)]
    [InlineData(IpFamily.IPv4, "10.96.0.10", DataplaneKind.IptablesNft)]
    [InlineData(IpFamily.IPv6, "fd00:96::10", DataplaneKind.IptablesLegacy)]
    public async Task Tighten_CutOfTranslatedConnections_JudgesByWhoAnswers(
        IpFamily family,
        string service,
        DataplaneKind dataplane
    )
    {
        Root.Require();
        await using var lab = await ConnectionLab.CreateAsync(ExistingConnections.Terminate, dataplane: dataplane);
        var (word, db) = (family == IpFamily.IPv4 ? "ip" : "ip6", TwoNodeCluster.Address(TwoNodeCluster.Db, family));
        Tools.Run(
            lab.Network.Node("n1"),
            "nft",
            ["-f", "-"],
            $"table {word} service {{ chain prerouting {{ type nat hook prerouting priority dstnat; {word} daddr "
                + $"{service} dnat to {db}\n }}\n }}\n"
        );
        using var denied = await lab.TalkAsync(
            TwoNodeCluster.Open,
            TwoNodeCluster.Db,
            family,
            Protocol.Tcp,
            IpAddress.Parse(service)
        );
        using var deniedUdp = await lab.TalkAsync(
            TwoNodeCluster.Open,
            TwoNodeCluster.Db,
            family,
            Protocol.Udp,
            IpAddress.Parse(service)
        );
        using var allowed = await lab.TalkAsync(
            TwoNodeCluster.Web,
            TwoNodeCluster.Db,
            family,
            Protocol.Tcp,
            IpAddress.Parse(service)
        );
        Assert.Contains(lab.Tracked(TwoNodeCluster.Open), connection =>
            connection.Status.HasFlag(ConnectionStatus.DestinationNat) && connection.Reply.Source == db
        );

        await lab.EnforceAsync(ConnectionLab.OnlyWeb);
        await UntilCutAsync(lab, 2, dataplane);

        Assert.False(await denied.GoesOnAsync(), "denied TCP");
        Assert.False(await deniedUdp.GoesOnAsync(), "denied UDP");
        Assert.True(await allowed.GoesOnAsync(), "allowed");
    }

    [Theory, MemberData(nameof(Dataplanes))]
    public async Task Tighten_PeerLosesItsLabel_IsCut(DataplaneKind dataplane)
    {
        Root.Require();
        await using var lab = await ConnectionLab.CreateAsync(ExistingConnections.Terminate, dataplane: dataplane);
        await lab.EnforceAsync(ConnectionLab.OnlyWeb);
        using var web = await lab.TalkAsync(TwoNodeCluster.Web, TwoNodeCluster.Db, IpFamily.IPv4, Protocol.Tcp);

        await lab.SendAsync(
            new TestKit.PodChange(
                TwoNodeCluster.Web,
                TwoNodeCluster.Find(TwoNodeCluster.Web) with
                {
                    Labels = LabelSet.Of(("app", "other")),
                },
                "relabel"
            )
        );
        await UntilCutAsync(lab, 1, dataplane);
        Assert.False(await web.GoesOnAsync());
    }

    private static async Task UntilCutAsync(ConnectionLab lab, int least, DataplaneKind dataplane)
    {
        var begin = TimeProvider.System.GetTimestamp();
        await lab.Node.Listener.UntilAsync(
            listener => listener.ConnectionsRemoved >= least,
            TestContext.Current.CancellationToken
        );
        var elapsed = TimeProvider.System.GetElapsedTime(begin);
        TestContext.Current.TestOutputHelper?.WriteLine($"cut after {elapsed.TotalMilliseconds:F0} ms");
        Assert.True(
            elapsed < (dataplane == DataplaneKind.Nftables ? s_aSecond : s_someSeconds),
            $"cut after {elapsed}"
        );
    }
}
