using Podfence.Dataplane;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// The hardest case of a flow that is denied throughout: the fence that denies it moves from one end to the other, in
/// one change of one policy.
/// </summary>
[Collection(Serial.Name)]
public sealed class DirectionSwapTests
{
    [Theory]
    [InlineData(DataplaneKind.Nftables, 600)]
    [InlineData(DataplaneKind.IptablesNft, 60)]
    [InlineData(DataplaneKind.IptablesLegacy, 60)]
    public async Task SwappedDirections_FlowDeniedByTheOneThenTheOther_NoPacketGetsThrough(
        DataplaneKind kind,
        int swaps
    )
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var policy = new NetworkPolicy { Key = new PolicyKey("default", "swap"), IsolatesIngress = true };
        var swapped = policy with { IsolatesIngress = false, IsolatesEgress = true };
        var cluster = TwoNodeCluster.Cluster with { Policies = [policy] };
        await using var lab = await FencedLab.CreateAsync(cluster, new LabNetworkOptions(), kind: kind);
        var flows = IpFamilies
            .All.SelectMany(static family =>
                (WatchedFlow[])
                    [
                        new WatchedFlow(
                            TwoNodeCluster.Flow(TwoNodeCluster.Web, TwoNodeCluster.Db, family, Protocol.Udp),
                            false
                        ),
                        new WatchedFlow(
                            TwoNodeCluster.Flow(TwoNodeCluster.Open, TwoNodeCluster.Db, family, Protocol.Udp),
                            false
                        ),
                        new WatchedFlow(TwoNodeCluster.Flow(TwoNodeCluster.Db, TwoNodeCluster.Web, family), false),
                    ]
            )
            .ToList();
        await using var watch = await Watch.BeginAsync(lab.Network, flows);
        await watch.WaitAsync(2, cancel);
        for (var i = 0; i < swaps; i++)
        {
            lab.State.Upsert(i % 2 == 0 ? swapped : policy);
            lab.Apply();
        }

        await watch.WaitAsync(2, cancel);
        var faults = await watch.EndAsync();

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {swaps} swaps; {watch}");
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }
}
