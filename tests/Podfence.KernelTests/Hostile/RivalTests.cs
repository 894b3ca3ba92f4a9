using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>Two agents on one node, as after a failed rollout.</summary>
public sealed class RivalTests
{
    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task TwoLoops_SameRules_DoNotDisturbEachOther(DataplaneKind kind)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await TwoNodeLab.CreateAsync(kind);
        await using var rival = new ReconciledNode(
            "n1",
            Dataplanes.Open(kind, new LabNamespace(lab.Network.Node("n1")))
        );
        await rival.StartAsync(TwoNodeCluster.Cluster, cancel);
        var checks = lab.First.Checks;
        await lab.First.Listener.UntilAsync(_ => lab.First.Checks > checks + 5, cancel);

        await lab.AssertEnforcesAsync();
        Assert.True(lab.First.Listener.Drifts.Count + rival.Listener.Drifts.Count <= 1, "they fight over nothing");
        var db = TwoNodeCluster.Cluster.Policies.Single(static policy => policy.Key.Name == "db");
        TestKit.ClusterChange[] changes = [new TestKit.PolicyChange(db.Key, null, "delete policy")];
        await Task.WhenAll(lab.SendAsync(changes), rival.SendAsync(changes, cancel));
        await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);
        await lab.AssertEnforcesAsync();
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task TwoLoops_DifferentRules_LastOneLeftWins(DataplaneKind kind)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await TwoNodeLab.CreateAsync(kind);
        await using (
            var rival = new ReconciledNode("n1", Dataplanes.Open(kind, new LabNamespace(lab.Network.Node("n1"))))
        )
        {
            // It has not received any policy.
            await rival.StartAsync(TwoNodeCluster.Cluster with { Policies = [] }, cancel);
            await lab.First.Listener.UntilAsync(static listener => listener.Drifts.Count >= 3, cancel);
            await rival.Listener.UntilAsync(static listener => listener.Drifts.Count >= 3, cancel);
        }

        await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);
        await lab.AssertEnforcesAsync();
    }
}
