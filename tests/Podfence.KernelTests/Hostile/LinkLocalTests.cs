using System.Net;
using System.Net.Sockets;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// Every pod has an IPv6 link-local address that no policy covers. On a bridge it must not bypass the fences.
/// </summary>
public sealed class LinkLocalTests
{
    private const int Port = 7_777;

    [Theory]
    [InlineData(DataplaneKind.Nftables, PodNetwork.Bridge)]
    [InlineData(DataplaneKind.Nftables, PodNetwork.Vxlan)]
    [InlineData(DataplaneKind.IptablesNft, PodNetwork.Bridge)]
    [InlineData(DataplaneKind.IptablesLegacy, PodNetwork.Bridge)]
    public async Task Connect_ToTheLinkLocalAddressOfAFencedPod_IsDenied(DataplaneKind dataplane, PodNetwork kind)
    {
        Root.Require();
        await using var lab = await FencedLab.CreateAsync(
            TwoNodeCluster.Cluster,
            new LabNetworkOptions { PodNetwork = kind },
            kind: dataplane
        );
        using var server = await ListenAsync(lab.Network.Pod(TwoNodeCluster.Db));

        Assert.False(await ConnectsAsync(lab, TwoNodeCluster.Open, TwoNodeCluster.Db), "while the node fences pods");

        foreach (var policy in lab.State.Policies.ToList())
        {
            lab.State.RemovePolicy(policy.Key);
        }

        lab.Apply();
        Assert.True(await ConnectsAsync(lab, TwoNodeCluster.Open, TwoNodeCluster.Db), "when no pod is fenced any more");
        Assert.Empty(lab.Drift());

        foreach (var policy in TwoNodeCluster.Cluster.Policies)
        {
            lab.State.Upsert(policy);
        }

        lab.Apply();
        Assert.False(await ConnectsAsync(lab, TwoNodeCluster.Open, TwoNodeCluster.Db), "when pods are fenced again");
        Assert.Empty(lab.Drift());
    }

    private static async Task<Socket> ListenAsync(NetworkNamespace pod)
    {
        var server = await pod.OpenSocketAsync(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        server.Listen();
        return server;
    }

    private static async Task<bool> ConnectsAsync(FencedLab lab, PodKey from, PodKey to)
    {
        var target = LinkLocalOf(lab.Network.Pod(to));
        target.ScopeId = long.Parse(
            Tools.Run(lab.Network.Pod(from), "ip", ["-o", "link", "show", "dev", "eth0"]).Split(':')[0]
        );
        using var client = await lab
            .Network.Pod(from)
            .OpenSocketAsync(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3), TimeProvider.System);
        try
        {
            await client.ConnectAsync(new IPEndPoint(target, Port), limit.Token);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static IPAddress LinkLocalOf(NetworkNamespace pod)
    {
        var words = Tools.Run(pod, "ip", ["-6", "-o", "addr", "show", "dev", "eth0", "scope", "link"]).Split(' ');
        return IpAddress
            .Parse(words.First(static word => word.StartsWith("fe80:", StringComparison.Ordinal)).Split('/')[0])
            .ToSystem();
    }
}
