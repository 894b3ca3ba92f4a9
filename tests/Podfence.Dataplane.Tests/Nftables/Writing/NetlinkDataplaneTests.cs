using CsCheck;
using Podfence.Dataplane.Nftables;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>Rulesets all the way to the kernel and back.</summary>
public sealed class NetlinkDataplaneTests
{
    public NetlinkDataplaneTests() =>
        Assert.SkipUnless(
            PrivateNetns.IsPermitted && File.Exists("/usr/sbin/nft"),
            $"{PrivateNetns.SkipReason}; and nft"
        );

    [Fact]
    public void ReplaceAndApply_AnyRulesets_VerifyFindsNothing()
    {
        using var netns = new PrivateNetns();
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));
        var gate = new Lock();

        RandomRulesets.Pairs.Sample(
            pair =>
            {
                lock (gate)
                {
                    dataplane.Replace(pair.First);
                    Assert.Empty(dataplane.Verify(pair.First));
                    dataplane.Apply(RulesetDiff.Between(pair.First, pair.Second));
                    Assert.False(dataplane.MayHaveDrifted());
                    Assert.Empty(dataplane.Verify(pair.Second));
                }
            },
            iter: 300,
            threads: 1
        );
    }

    [Fact]
    public void Lower_AnyRuleset_NftListsAndReloadsIt()
    {
        using var own = new PrivateNetns();
        using var nft = new PrivateNetns();
        using var kernel = own.Run(NetlinkKernel.Open);
        var gate = new Lock();

        RandomRulesets.Pairs.Sample(
            pair =>
            {
                lock (gate)
                {
                    var table = RulesetLowering.Lower(pair.First);
                    kernel.Run(TableReplacement.Whole(table));
                    NftTextTests.Load(
                        nft,
                        "add table inet podfence\ndelete table inet podfence\n" + NftText.Print(table)
                    );
                    Assert.Equal(NftTextTests.List(nft), NftTextTests.List(own));
                }
            },
            iter: 40,
            threads: 1
        );
    }

    [Fact]
    public void Verify_RuleDeletedByAnotherProgram_IsReportedAndReplaceRepairs()
    {
        using var netns = new PrivateNetns();
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));
        var ruleset = Rulesets.Ruleset.Empty(new Rulesets.RulesetOptions());
        dataplane.Replace(ruleset);

        NetlinkKernelTests.Nft(netns, "flush chain inet podfence forward");

        Assert.True(dataplane.MayHaveDrifted());
        Assert.NotEmpty(dataplane.Verify(ruleset));
        dataplane.Replace(ruleset);
        Assert.Empty(dataplane.Verify(ruleset));
        dataplane.Cleanup();
        Assert.Equal("", NetlinkKernelTests.Nft(netns, "list ruleset"));
    }
}
