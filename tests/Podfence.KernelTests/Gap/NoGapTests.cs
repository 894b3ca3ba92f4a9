using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>No packet slips through, and none is lost, while rules change.</summary>
[Collection(Serial.Name)]
public sealed class NoGapTests
{
    private const int Changes = 1_000;
    private const int ChangesOfOthers = 40;

    [Theory]
    [InlineData(DataplaneKind.Nftables, PodNetwork.Bridge, 1, Changes)]
    [InlineData(DataplaneKind.Nftables, PodNetwork.Routed, 7, Changes)]
    [InlineData(DataplaneKind.IptablesNft, PodNetwork.Bridge, 1, ChangesOfOthers)]
    [InlineData(DataplaneKind.IptablesNft, PodNetwork.Routed, 7, ChangesOfOthers)]
    [InlineData(DataplaneKind.IptablesLegacy, PodNetwork.Bridge, 1, ChangesOfOthers)]
    [InlineData(DataplaneKind.IptablesLegacy, PodNetwork.Routed, 7, ChangesOfOthers)]
    public async Task ManyChanges_FlowsThatStayAsTheyAre_NeverNoticed(
        DataplaneKind dataplane,
        PodNetwork kind,
        int largestBatch,
        int changes
    )
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var network = new LabNetworkOptions { PodNetwork = kind };
        var made = GapCase.Make(Cases.FirstSeed(41), changes, network);
        await using var lab = await FencedLab.CreateAsync(made.Cluster, network, kind: dataplane);
        await using var watch = await Watch.BeginAsync(lab.Network, made.Flows);
        var rng = new Rng(5);

        await watch.WaitAsync(2, cancel);
        var begin = TimeProvider.System.GetTimestamp();
        var rounds = 0;
        for (var rest = new Queue<ClusterChange>(made.ThereAndBack); rest.Count > 0; rounds++)
        {
            // Batches of one: each change is a transaction of its own.
            for (var more = rng.Between(1, largestBatch); more > 0 && rest.TryDequeue(out var change); more--)
            {
                change.Apply(lab.State);
            }

            lab.Apply();
        }

        var took = TimeProvider.System.GetElapsedTime(begin);
        await watch.WaitAsync(2, cancel);
        var faults = await watch.EndAsync();

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{dataplane}, {kind}: {2 * changes} changes in {rounds} rounds in {took.TotalSeconds:0.0} s; {watch}"
        );
        Assert.True(faults.Count == 0, string.Join("\n", faults));
        Assert.Empty(lab.Drift());
    }
}
