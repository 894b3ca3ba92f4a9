using System.Diagnostics;
using Podfence.Lab;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>No packet slips through, and none is lost, while rules change.</summary>
public sealed class NoGapTests
{
    private const int Changes = 1_000;

    [Theory]
    [InlineData(PodNetwork.Bridge, 1)]
    [InlineData(PodNetwork.Routed, 7)]
    public async Task ThousandChanges_FlowsThatStayAsTheyAre_NeverNoticed(PodNetwork kind, int largestBatch)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var network = new LabNetworkOptions { PodNetwork = kind };
        var made = GapCase.Make(Cases.FirstSeed(41), Changes, network);
        await using var lab = await FencedLab.CreateAsync(made.Cluster, network);
        await using var watch = await Watch.BeginAsync(lab.Network, made.Flows);
        var dice = new Dice(5);

        await watch.WaitAsync(2, cancel);
        var transactions = 0;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Changes; transactions++)
        {
            // Batches of one: each change is a transaction of its own.
            for (var end = Math.Min(Changes, i + dice.Between(1, largestBatch)); i < end; i++)
            {
                made.Changes[i].Apply(lab.State);
            }

            lab.Apply();
        }

        var took = clock.Elapsed;
        await watch.WaitAsync(2, cancel);
        var faults = await watch.EndAsync();

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {Changes} changes in {transactions} rounds in {took.TotalSeconds:0.0} s; {watch}");
        Assert.Empty(faults);
        Assert.Empty(lab.Drift());
    }
}
