using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class DeltaTransitionTests
{
    [Fact]
    public void Lower_PeerAppears_IsOneElement()
    {
        var after = Article.Ruleset with { Sets = Article.SetsWith(Article.Frontends, Article.Web, Article.Other) };
        var operation = Assert.IsType<AddElements>(Assert.Single(Switch(RulesetDiff.Between(Article.Ruleset, after))));
        Assert.Equal(new NftElement(SetElement.Of(Article.Other)), Assert.Single(operation.Elements));
    }

    [Fact]
    public void Lower_PodOfAnAddressChanges_RenamesTheElementOnly()
    {
        var endpoints = new Dictionary<IpAddress, FencedEndpoint>(Article.Ruleset.Endpoints)
        {
            [Article.Db] = Article.Ruleset.Endpoints[Article.Db] with { Pod = new PodKey("default", "db-2") },
        };
        var operations = Switch(RulesetDiff.Between(Article.Ruleset, Article.Ruleset with { Endpoints = endpoints }));
        Assert.Equal(
            ["egress-v4", "egress-v4", "ingress-v4", "ingress-v4"],
            operations.Select(operation =>
                operation switch
                {
                    DeleteElements delete => delete.Set.Name,
                    AddElements add => add.Set.Name,
                    _ => operation.ToString(),
                }
            )
        );
    }

    [Fact]
    public void Lower_RuleOfAFenceChanges_RewritesThatChainOnly()
    {
        var fence = Article.Ruleset.Fences[Article.Ingress];
        var changed = fence with { Rules = [fence.Rules[0]] };
        var delta = RulesetDiff.Between(
            Article.Ruleset,
            Article.Ruleset with
            {
                Fences = new Dictionary<string, Fence>(Article.Ruleset.Fences) { [fence.Name] = changed },
            }
        );
        Assert.Equal(
            [new FlushChain(fence.Name), new AddRules(fence.Name, FenceLowering.Lower(changed).Chains[0].Rules)],
            Switch(delta)
        );
    }

    [Fact]
    public void ToChange_FenceWithOtherPolicies_Throws()
    {
        var fence = Article.Ruleset.Fences[Article.Ingress];
        var delta = RulesetDiff.Between(
            Article.Ruleset,
            Article.Ruleset with
            {
                Fences = new Dictionary<string, Fence>(Article.Ruleset.Fences)
                {
                    [fence.Name] = fence with { Policies = [new PolicyKey("x", "y")] },
                },
            }
        );
        Assert.Throws<ArgumentException>(() => DeltaTransition.ToChange(delta, Article.Ruleset.Endpoints.Count));
    }

    [Fact]
    public void Lower_EmptyDelta_IsNothing() =>
        Assert.Empty(Switch(RulesetDiff.Between(Article.Ruleset, Article.Ruleset)));

    [Fact]
    public void Lower_FenceAppears_IsPreparedBeforeAnythingLeadsThere()
    {
        var change = DeltaTransition.ToChange(
            RulesetDiff.Between(Ruleset.Empty(new RulesetOptions()), Article.Ruleset),
            fencedAddresses: 0
        );
        Assert.Equal(
            [Article.Egress, Article.Ingress],
            change.Preparation.OfType<AddChain>().Select(add => add.Chain.Name).Order(StringComparer.Ordinal)
        );
        Assert.All(change.Switch, operation => Assert.IsType<AddElements>(operation));
    }

    [Fact]
    public void Lower_OpenAddressGetsANewFenceWithoutRanges_IsOneTransaction()
    {
        var address = IpAddress.Parse("10.244.0.9");
        var fence = new Fence
        {
            Name = "egress/v4/other",
            Direction = Direction.Egress,
            Family = IpFamily.IPv4,
            Policies = [new PolicyKey("other", "closed")],
        };
        var after = Article.Ruleset with
        {
            Fences = new Dictionary<string, Fence>(Article.Ruleset.Fences) { [fence.Name] = fence },
            Endpoints = new Dictionary<IpAddress, FencedEndpoint>(Article.Ruleset.Endpoints)
            {
                [address] = new(new PodKey("other", "pod"), null, fence.Name),
            },
        };
        var change = DeltaTransition.ToChange(
            RulesetDiff.Between(Article.Ruleset, after),
            Article.Ruleset.Endpoints.Count
        );
        Assert.Empty(change.Preparation.Concat(change.Switch));
        Assert.Equal(
            [typeof(AddChain), typeof(AddRules), typeof(AddElements), typeof(AddElements)],
            change.Isolation.Select(static operation => operation.GetType())
        );
    }

    private static IReadOnlyList<NftOperation> Switch(RulesetDelta delta)
    {
        var change = DeltaTransition.ToChange(delta, Article.Ruleset.Endpoints.Count);
        Assert.Empty(change.Preparation);
        return change.Switch;
    }
}
