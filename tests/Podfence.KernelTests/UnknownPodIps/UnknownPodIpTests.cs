using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// A pod that runs before its node knows it: <c>open</c>, whose link exists and whose object is added and removed.
/// </summary>
[Collection(Serial.Name)]
public sealed class UnknownPodIpTests
{
    private static readonly ProbeOptions s_patient = new() { Timeout = TimeSpan.FromSeconds(2) };

    private static readonly IReadOnlyList<LabFlow> s_flowsOfTheUnknown =
    [
        .. IpFamilies.All.SelectMany(static family =>
            (LabFlow[])
                [
                    TwoNodeCluster.Flow(TwoNodeCluster.Open, TwoNodeCluster.Web, family),
                    TwoNodeCluster.Flow(TwoNodeCluster.Open, TwoNodeCluster.Web, family, Protocol.Udp),
                    TwoNodeCluster.Flow(TwoNodeCluster.Web, TwoNodeCluster.Open, family),
                    TwoNodeCluster.Flow(TwoNodeCluster.Far, TwoNodeCluster.Open, family),
                    TwoNodeCluster.Flow(TwoNodeCluster.Open, TwoNodeCluster.Far, family, Protocol.Udp),
                    new LabFlow(
                        new PodEndpoint(TwoNodeCluster.Open),
                        new NodeEndpoint("n1"),
                        Protocol.Tcp,
                        TwoNodeCluster.Port,
                        family
                    ),
                ]
        ),
    ];

    private static readonly IReadOnlyList<LabFlow> s_flowsOfTheNode =
    [
        .. IpFamilies.All.SelectMany(static family =>
            (LabFlow[])
                [
                    new LabFlow(
                        new NodeEndpoint("n1"),
                        new PodEndpoint(TwoNodeCluster.Open),
                        Protocol.Tcp,
                        TwoNodeCluster.Port,
                        family
                    ),
                    new LabFlow(
                        new NodeEndpoint("n1"),
                        new PodEndpoint(TwoNodeCluster.Web),
                        Protocol.Tcp,
                        TwoNodeCluster.Port,
                        family
                    ),
                    new LabFlow(
                        new PodEndpoint(TwoNodeCluster.Web),
                        new NodeEndpoint("n1"),
                        Protocol.Tcp,
                        TwoNodeCluster.Port,
                        family
                    ),
                    TwoNodeCluster.Flow(TwoNodeCluster.Web, TwoNodeCluster.Far, family),
                ]
        ),
    ];

    [Theory]
    [InlineData(PodNetwork.Bridge, DataplaneKind.Nftables)]
    [InlineData(PodNetwork.Routed, DataplaneKind.Nftables)]
    [InlineData(PodNetwork.Bridge, DataplaneKind.IptablesNft)]
    [InlineData(PodNetwork.Routed, DataplaneKind.IptablesLegacy)]
    public async Task UnknownPod_WhereUnknownPodIpsAreDenied_IsDeniedUntilItIsKnown(
        PodNetwork network,
        DataplaneKind kind
    )
    {
        Root.Require();
        await using var lab = await LabAsync(UnknownPodIps.Deny, network, kind);
        await AssertAsync(lab, s_flowsOfTheUnknown, allowed: true);

        lab.State.RemovePod(TwoNodeCluster.Open);
        lab.Apply();
        await AssertAsync(lab, s_flowsOfTheUnknown, allowed: false);
        await AssertAsync(lab, s_flowsOfTheNode, allowed: true);
        Assert.Empty(lab.Drift());

        lab.State.Upsert(lab.Network.Plan.Pods[TwoNodeCluster.Open].Object);
        lab.Apply();
        await AssertAsync(lab, s_flowsOfTheUnknown, allowed: true);

        lab.State.Upsert(lab.Network.Plan.Pods[TwoNodeCluster.Open].Object with { Phase = PodPhase.Succeeded });
        lab.Apply();
        await AssertAsync(lab, s_flowsOfTheUnknown, allowed: false);
        Assert.Empty(lab.Drift());
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    public async Task UnknownPod_OnAnOpenNode_IsFree(DataplaneKind kind)
    {
        Root.Require();
        await using var lab = await LabAsync(UnknownPodIps.Allow, PodNetwork.Bridge, kind);
        lab.State.RemovePod(TwoNodeCluster.Open);
        lab.Apply();
        await AssertAsync(lab, s_flowsOfTheUnknown, allowed: true);
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task NodeItself_ByAnAddressInItsPodRange_IsNeverCutOff(DataplaneKind kind)
    {
        Root.Require();
        await using var lab = await LabAsync(UnknownPodIps.Deny, PodNetwork.Bridge, kind);
        // The bridge's own address, which is in the range and no pod's.
        var connected = lab
            .Network.Node("n1")
            .Run(static () =>
            {
                var bridge = IpAddress.Parse("10.244.1.1").ToSystem();
                using var listener = new System.Net.Sockets.TcpListener(bridge, 0);
                listener.Start();
                using var caller = new System.Net.Sockets.TcpClient(new System.Net.IPEndPoint(bridge, 0));
                caller.Connect((System.Net.IPEndPoint)listener.LocalEndpoint);
                return caller.Connected;
            });
        Assert.True(connected);
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables, 300)]
    [InlineData(DataplaneKind.IptablesNft, 30)]
    [InlineData(DataplaneKind.IptablesLegacy, 30)]
    public async Task PodComesAndGoes_ThatNothingIsAllowedTo_NoPacketGetsThroughMeanwhile(
        DataplaneKind kind,
        int rounds
    )
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var closed = new NetworkPolicy
        {
            Key = new PolicyKey("default", "closed"),
            PodSelector = TwoNodeCluster.App(TwoNodeCluster.Open),
            IsolatesIngress = true,
            IsolatesEgress = true,
        };
        await using var lab = await LabAsync(UnknownPodIps.Deny, PodNetwork.Bridge, kind, closed);
        var pod = lab.State.FindPod(TwoNodeCluster.Open)!;
        var flows = IpFamilies
            .All.SelectMany(static family =>
                (WatchedFlow[])
                    [
                        new WatchedFlow(
                            TwoNodeCluster.Flow(TwoNodeCluster.Open, TwoNodeCluster.Web, family, Protocol.Udp),
                            false
                        ),
                        new WatchedFlow(
                            TwoNodeCluster.Flow(TwoNodeCluster.Web, TwoNodeCluster.Open, family, Protocol.Udp),
                            false
                        ),
                        new WatchedFlow(TwoNodeCluster.Flow(TwoNodeCluster.Far, TwoNodeCluster.Open, family), false),
                    ]
            )
            .ToList();
        await using var watch = await Watch.BeginAsync(lab.Network, flows);
        await watch.WaitAsync(2, cancel);
        for (var i = 0; i < rounds; i++)
        {
            lab.State.RemovePod(pod.Key);
            lab.Apply();
            lab.State.Upsert(pod);
            lab.Apply();
        }

        await watch.WaitAsync(2, cancel);
        var faults = await watch.EndAsync();

        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} times there and gone; {watch}");
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    private static Task<FencedLab> LabAsync(
        UnknownPodIps unknown,
        PodNetwork network,
        DataplaneKind kind,
        params NetworkPolicy[] policies
    ) =>
        FencedLab.CreateAsync(
            TwoNodeCluster.Cluster with
            {
                Policies = policies.ToEquatableArray(),
            },
            new LabNetworkOptions { PodNetwork = network },
            new CompilerOptions { Ruleset = new RulesetOptions { UnknownPodIps = unknown } },
            kind
        );

    private static async Task AssertAsync(FencedLab lab, IReadOnlyList<LabFlow> flows, bool allowed)
    {
        foreach (var result in await lab.Prober.ProbeAsync(flows, s_patient, TestContext.Current.CancellationToken))
        {
            Assert.True(
                allowed ? result.IsAllowed : result.IsDenied,
                $"{result.Flow} is {result.Outcome} ({result.Detail}), but should be {(allowed ? "allowed" : "denied")}"
            );
        }
    }
}
