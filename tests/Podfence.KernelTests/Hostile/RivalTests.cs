using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>Two who keep the same rules, as after a rollout that went wrong.</summary>
public sealed class RivalTests
{
    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task TwoLoops_SameOpinion_LiveInPeace(DataplaneKind kind)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await VillageLab.CreateAsync(kind);
        await using var rival = new LoopedNode("n1", Dataplanes.Open(kind, new LabPlace(lab.Network.Node("n1"))));
        await rival.StartAsync(Village.Cluster, cancel);
        var looks = lab.First.Looks;
        await lab.First.Heard.UntilAsync(_ => lab.First.Looks > looks + 5, cancel);

        await lab.AssertEnforcesAsync();
        Assert.True(lab.First.Heard.Drifts.Count + rival.Heard.Drifts.Count <= 1, "they fight over nothing");
        var db = Village.Cluster.Policies.Single(static policy => policy.Key.Name == "db");
        TestKit.ClusterChange[] changes = [new TestKit.PolicyChange(db.Key, null, "delete policy")];
        await Task.WhenAll(lab.TellAsync(changes), rival.TellAsync(changes, cancel));
        await lab.First.Heard.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);
        await lab.AssertEnforcesAsync();
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task TwoLoops_DifferentOpinions_LastOneLeftWins(DataplaneKind kind)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await VillageLab.CreateAsync(kind);
        await using (var rival = new LoopedNode("n1", Dataplanes.Open(kind, new LabPlace(lab.Network.Node("n1")))))
        {
            // It has not heard of any policy.
            await rival.StartAsync(Village.Cluster with { Policies = [] }, cancel);
            await lab.First.Heard.UntilAsync(static heard => heard.Drifts.Count >= 3, cancel);
            await rival.Heard.UntilAsync(static heard => heard.Drifts.Count >= 3, cancel);
        }

        await lab.First.Heard.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);
        await lab.AssertEnforcesAsync();
    }
}
