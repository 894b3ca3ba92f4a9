using CsCheck;
using Podfence.Dataplane.Nftables;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// The same as over the fake, over the kernel: what the fake takes, the kernel takes too, in the order that the
/// lowering chose.
/// </summary>
public sealed class NftablesDataplaneKernelTests
{
    public NftablesDataplaneKernelTests() => Assert.SkipUnless(PrivateNetns.IsPermitted, PrivateNetns.SkipReason);

    [Fact]
    public void ReplaceAndApply_AnyRulesets_AreInTheKernelAfterwards()
    {
        using var netns = new PrivateNetns();
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));
        RandomRulesets.Pairs.Sample(
            pair =>
            {
                // Over whatever the last sample left: like a restart after much has changed.
                dataplane.Replace(pair.First);
                Assert.Empty(dataplane.Verify(pair.First));
                dataplane.Apply(RulesetDiff.Between(pair.First, pair.Second));
                Assert.False(dataplane.MayHaveDrifted());
                Assert.Empty(dataplane.Verify(pair.Second));
                dataplane.Replace(pair.First);
                Assert.False(dataplane.MayHaveDrifted());
                Assert.Empty(dataplane.Verify(pair.First));
            },
            iter: 150,
            threads: 1
        );
        dataplane.Cleanup();
    }
}
