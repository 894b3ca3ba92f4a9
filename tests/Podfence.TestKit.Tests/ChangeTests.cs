using Podfence.Model;

namespace Podfence.TestKit.Tests;

public sealed class ChangeTests
{
    [Theory]
    [InlineData("create pod")]
    [InlineData("delete pod")]
    [InlineData("re-create pod")]
    [InlineData("relabel pod")]
    [InlineData("finish pod")]
    [InlineData("terminate pod")]
    [InlineData("take another pod's addresses")]
    [InlineData("give addresses up late")]
    [InlineData("finish late")]
    [InlineData("swap addresses")]
    [InlineData("change container ports")]
    [InlineData("give or take addresses")]
    [InlineData("move to node")]
    [InlineData("change what policies do not read")]
    [InlineData("put policy")]
    [InlineData("delete policy")]
    [InlineData("re-create policy")]
    [InlineData("change subject")]
    [InlineData("swap directions")]
    [InlineData("add ingress rule")]
    [InlineData("take egress rule")]
    [InlineData("relabel namespace")]
    [InlineData("remove or add namespace")]
    [InlineData("remove or add node")]
    [InlineData("change node addresses")]
    public void Generate_WithSteps_MakesEveryKindOfChange(string what)
    {
        Assert.Contains(
            Enumerable.Range(1, 100).SelectMany(static seed => ClusterGenerator.Generate(seed, 20).Changes),
            change => change.What == what
        );
    }

    [Fact]
    public void Generate_WithoutUnreal_KeepsPodsReal()
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var cluster = ClusterGenerator.Generate(seed, 1500, new GeneratorOptions { Unreal = false });
            var state = cluster.ToState();
            foreach (var change in cluster.Changes)
            {
                change.Apply(state);
                if (change is PodChange { After: { HostNetwork: false } pod })
                {
                    Assert.False(pod.Addresses.IsEmpty);
                    Assert.All(pod.Addresses, address =>
                    {
                        Assert.Equal(pod.Key, state.OwnerOf(address)?.Key);
                        Assert.Contains(state.Nodes[pod.NodeName!].PodCidrs, cidr => cidr.Contains(address));
                    });
                }
            }
        }
    }

    /// <summary>Who owns an address and what is there must not depend on how it came about.</summary>
    [Fact]
    public void ArrivalOrders_Any_EndWithTheSameCluster() =>
        Cases.Check(
            500,
            static cluster =>
            {
                var final = cluster.ToFinalState();
                var target = ClusterCase.Of(final);
                for (var seed = 1; seed <= 3; seed++)
                {
                    var state = new ClusterState();
                    foreach (var change in ArrivalOrders.Of(target, seed))
                    {
                        change.Apply(state);
                    }

                    if (ClusterCase.Of(state) != target)
                    {
                        return $"order {seed} ends at\n{ClusterDump.Text(state)}";
                    }

                    foreach (var address in target.Pods.SelectMany(static pod => pod.Addresses))
                    {
                        if (state.OwnerOf(address) != final.OwnerOf(address))
                        {
                            return $"order {seed}: {address} is owned by {state.OwnerOf(address)?.Key}, not by "
                                + $"{final.OwnerOf(address)?.Key}";
                        }
                    }
                }

                return null;
            },
            static seed => ClusterGenerator.Generate(seed, 15)
        );

    [Fact]
    public void ArrivalOrders_Some_HavePodsBeforeTheirNamespaces()
    {
        var cluster = ClusterGenerator.Generate(1);
        Assert.Contains(Enumerable.Range(1, 20), seed =>
        {
            var changes = ArrivalOrders.Of(cluster, seed).ToList();
            return changes.FindIndex(static change => change is PodChange)
                < changes.FindIndex(static change => change is NamespaceChange);
        });
    }
}
