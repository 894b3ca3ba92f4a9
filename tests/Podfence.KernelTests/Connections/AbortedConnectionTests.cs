using System.Net;
using System.Net.Sockets;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>
/// The kernel remembers a connection for ten seconds after its end. A packet that starts another one on the same
/// addresses and ports counts as established, where the server had ended it by a reset.
/// </summary>
public sealed class AbortedConnectionTests
{
    private const int Port = 7777;
    private const int CallersPort = 40777;

    [Theory]
    [InlineData(DataplaneKind.Nftables, IpFamily.IPv4)]
    [InlineData(DataplaneKind.Nftables, IpFamily.IPv6)]
    [InlineData(DataplaneKind.IptablesNft, IpFamily.IPv4)]
    [InlineData(DataplaneKind.IptablesLegacy, IpFamily.IPv6)]
    public async Task Connect_OnThePortsOfAConnectionResetBeforeThePolicy_IsDenied(DataplaneKind kind, IpFamily family)
    {
        Root.Require();
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster with
            {
                Policies = [],
            },
            new LabNetworkOptions(),
            kind: kind
        );
        var called = new IPEndPoint(TwoNodeCluster.Address(TwoNodeCluster.Db, family).ToSystem(), Port);
        using var server = await ListenAsync(lab, called);
        await ConnectAndBeResetAsync(lab, server, called);

        lab.State.Upsert(ConnectionLab.OnlyWeb);
        lab.Apply();
        using var caller = await CallerAsync(lab, called);
        var exception = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(caller, called));
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    public async Task Connect_OnThePortsOfAConnectionThatWasReset_IsAllowedWherePoliciesAllowIt(DataplaneKind kind)
    {
        Root.Require();
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster with
            {
                Policies = [ConnectionLab.OnlyWeb with { Ingress = [new PolicyRule([], [])] }],
            },
            new LabNetworkOptions(),
            kind: kind
        );
        var called = new IPEndPoint(TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv4).ToSystem(), Port);
        using var server = await ListenAsync(lab, called);
        await ConnectAndBeResetAsync(lab, server, called);
        using var caller = await CallerAsync(lab, called);
        await ConnectAsync(caller, called);
        Assert.True(caller.Connected);
    }

    private static async Task<Socket> ListenAsync(FencedLab lab, IPEndPoint called)
    {
        var server = await lab
            .Network.Pod(TwoNodeCluster.Db)
            .OpenSocketAsync(called.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(called);
        server.Listen();
        return server;
    }

    private static async Task<Socket> CallerAsync(FencedLab lab, IPEndPoint called)
    {
        var caller = await lab
            .Network.Pod(TwoNodeCluster.Open)
            .OpenSocketAsync(called.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        caller.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        caller.Bind(
            new IPEndPoint(
                called.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any,
                CallersPort
            )
        );
        return caller;
    }

    private static async Task ConnectAsync(Socket caller, IPEndPoint called)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        await caller.ConnectAsync(called, limit.Token);
    }

    private static async Task ConnectAndBeResetAsync(FencedLab lab, Socket server, IPEndPoint called)
    {
        using var caller = await CallerAsync(lab, called);
        await ConnectAsync(caller, called);
        using (var accepted = await server.AcceptAsync(TestContext.Current.CancellationToken))
        {
            // Closes by a reset.
            accepted.LingerState = new LingerOption(enable: true, 0);
        }

        var ended = await Assert.ThrowsAsync<SocketException>(async () =>
            await caller.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken)
        );
        Assert.Equal(SocketError.ConnectionReset, ended.SocketErrorCode);
    }
}
