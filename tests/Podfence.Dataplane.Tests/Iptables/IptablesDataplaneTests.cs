using Podfence.Compilation;
using Podfence.Dataplane.Iptables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class IptablesDataplaneTests
{
    [Fact]
    public void Apply_FencedPodGoesFromAClosedNode_IsUnknownFirstAndPacketsAreWaitedFor()
    {
        var kernel = new FakeIptables();
        using var dataplane = new IptablesDataplane(kernel);
        dataplane.Replace(Node(Article.Db, Article.Web));
        var (waits, moments) = (kernel.Waits, new List<(bool Known, bool Fenced)>());
        kernel.Changed = () =>
            moments.Add(
                (
                    Holds(kernel, IptNames.KnownSet(IpFamily.IPv4)),
                    Holds(kernel, IptNames.DispatchSet(Direction.Ingress, IpFamily.IPv4, ""))
                )
            );

        dataplane.Apply(RulesetDiff.Between(Node(Article.Db, Article.Web), Node(Article.Web)));
        kernel.Changed = null;
        Assert.True(kernel.Waits > waits);
        Assert.Equal((false, true), moments[0]);
        Assert.Equal((false, false), moments[^1]);
        Assert.DoesNotContain((true, false), moments);
        Assert.False(dataplane.MayHaveDrifted());
        Assert.Empty(dataplane.Verify(Node(Article.Web)));
    }

    [Fact]
    public void Apply_OpenNode_DoesNotWait()
    {
        var kernel = new FakeIptables();
        using var dataplane = new IptablesDataplane(kernel);
        dataplane.Replace(Article.Ruleset);
        dataplane.Apply(
            RulesetDiff.Between(
                Article.Ruleset,
                Article.Ruleset with
                {
                    Endpoints = new Dictionary<IpAddress, FencedEndpoint>(),
                }
            )
        );
        Assert.Equal(0, kernel.Waits);
    }

    [Fact]
    public void IsPresent_BeforeAndAfterAReplacement_TellsWhetherChainsAreThere()
    {
        using var dataplane = new IptablesDataplane(new FakeIptables());
        Assert.False(dataplane.IsPresent());
        dataplane.Replace(Article.Ruleset);
        Assert.True(dataplane.IsPresent());
    }

    private static bool Holds(FakeIptables kernel, string set) =>
        kernel.Sets[set].Elements.ContainsKey(Article.Db.ToString());

    private static Ruleset Node(params IpAddress[] pods) =>
        Article.Ruleset with
        {
            Options = new RulesetOptions { UnknownPodIps = UnknownPodIps.Deny },
            Endpoints = pods.ToDictionary(
                static pod => pod,
                static pod => new FencedEndpoint(new PodKey("default", "pod"), Article.Ingress, Article.Egress)
            ),
            PodRanges = [new IpRange(IpAddress.Parse("10.244.0.0"), IpAddress.Parse("10.244.0.255"))],
            KnownPodIps = pods,
        };
}
