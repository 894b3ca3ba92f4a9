using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.Evaluation.Tests;

/// <summary>semantics.md S10: the recipes of github.com/ahmetb/kubernetes-network-policy-recipes, by number.</summary>
public sealed class RecipeTests
{
    private readonly World _world = new();

    [Fact]
    public void Recipe01_DenyAllToAnApplication()
    {
        _world.Pod("default/web", "app=web");
        _world.Pod("default/test", "run=test");
        _world.Policy("default/web-deny-all", Select("app=web"), ingress: []);
        Assert.False(_world.Allows("default/test", "default/web"));
        Assert.True(_world.Allows("default/web", "default/test"));
    }

    [Fact]
    public void Recipe02_LimitTrafficToAnApplication()
    {
        _world.Pod("default/api", "app=bookstore,role=api");
        _world.Pod("default/front", "app=bookstore,role=frontend");
        _world.Pod("default/test", "run=test");
        _world.Policy("default/api-allow", Select("app=bookstore,role=api"), ingress: [Rule([Pods("app=bookstore")])]);
        Assert.False(_world.Allows("default/test", "default/api"));
        Assert.True(_world.Allows("default/front", "default/api"));
    }

    [Fact]
    public void Recipe02a_AllowAllOverridesDenyAll_ForExternalClientsToo()
    {
        Recipe01_DenyAllToAnApplication();
        _world.Policy("default/web-allow-all", Select("app=web"), ingress: [Rule()]);
        Assert.True(_world.Allows("default/test", "default/web"));
        Assert.True(_world.Allows("external", "default/web"));
    }

    [Fact]
    public void Recipe03_DenyAllOfANamespace()
    {
        _world.Pod("default/web", "app=web");
        _world.Pod("other/test");
        _world.Policy("default/default-deny-all", ingress: []);
        Assert.False(_world.Allows("other/test", "default/web"));
        Assert.True(_world.Allows("default/web", "other/test"));
    }

    [Fact]
    public void Recipe04_DenyOtherNamespaces()
    {
        _world.Pod("secondary/web", "app=web");
        _world.Pod("secondary/test");
        _world.Pod("default/test");
        _world.Policy("secondary/deny-from-other-namespaces", ingress: [Rule([Pods("")])]);
        Assert.False(_world.Allows("default/test", "secondary/web"));
        Assert.True(_world.Allows("secondary/test", "secondary/web"));
    }

    [Fact]
    public void Recipe05_AllowAllNamespaces()
    {
        _world.Pod("default/web", "app=web");
        _world.Pod("secondary/test");
        _world.Policy("default/web-allow-all-namespaces", Select("app=web"), ingress: [Rule([In("")])]);
        Assert.True(_world.Allows("secondary/test", "default/web"));
        Assert.False(_world.Allows("external", "default/web"));
    }

    [Fact]
    public void Recipe06_AllowOneNamespace()
    {
        _world.Namespace("dev", ("purpose", "testing")).Namespace("prod", ("purpose", "production"));
        _world.Pod("default/web", "app=web");
        _world.Pod("dev/test");
        _world.Pod("prod/test");
        _world.Policy("default/web-allow-prod", Select("app=web"), ingress: [Rule([In("purpose=production")])]);
        Assert.False(_world.Allows("dev/test", "default/web"));
        Assert.True(_world.Allows("prod/test", "default/web"));
    }

    [Fact]
    public void Recipe07_AllowSomePodsOfAnotherNamespace()
    {
        _world.Namespace("other", ("team", "operations"));
        _world.Pod("default/web", "app=web");
        _world.Pod("default/plain");
        _world.Pod("default/monitor", "type=monitoring");
        _world.Pod("other/plain");
        _world.Pod("other/monitor", "type=monitoring");
        _world.Policy(
            "default/web-allow-all-ns-monitoring",
            Select("app=web"),
            ingress: [Rule([In("team=operations", "type=monitoring")])]
        );
        string[] sources = ["default/plain", "default/monitor", "other/plain", "other/monitor"];
        Assert.Equal(["other/monitor"], sources.Where(from => _world.Allows(from, "default/web")));
    }

    [Fact]
    public void Recipe08_AllowExternalTraffic()
    {
        _world.Pod("default/web", "app=web");
        _world.Policy("default/default-deny", ingress: []);
        _world.Policy("default/web-allow-external", Select("app=web"), ingress: [Rule(null, [Port(80)])]);
        Assert.True(_world.Allows("external", "default/web", 80));
        Assert.False(_world.Allows("external", "default/web", 81));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Recipe09_AllowOnlyAPort(bool byName)
    {
        _world.Pod(
            "default/apiserver",
            "app=apiserver",
            "n1",
            new ContainerPort("api-port", 5000, Protocol.Tcp),
            new ContainerPort("http", 8000, Protocol.Tcp)
        );
        _world.Pod("default/test", "app=test");
        _world.Pod("default/monitor", "role=monitoring");
        _world.Policy(
            "default/api-allow-5000",
            Select("app=apiserver"),
            ingress: [Rule([Pods("role=monitoring")], [byName ? Named("api-port") : Port(5000)])]
        );
        Assert.False(_world.Allows("default/test", "default/apiserver", 8000));
        Assert.False(_world.Allows("default/test", "default/apiserver", 5000));
        Assert.True(_world.Allows("default/monitor", "default/apiserver", 5000));
        Assert.False(_world.Allows("default/monitor", "default/apiserver", 8000));
    }

    [Fact]
    public void Recipe10_AllowSeveralSelectors()
    {
        _world.Pod("default/db", "app=bookstore,role=db");
        _world.Pod("default/inventory", "app=inventory,role=web");
        _world.Pod("default/other", "app=other");
        _world.Policy(
            "default/redis-allow-services",
            Select("app=bookstore,role=db"),
            ingress:
            [
                Rule([
                    Pods("app=bookstore,role=search"),
                    Pods("app=bookstore,role=api"),
                    Pods("app=inventory,role=web"),
                ]),
            ]
        );
        Assert.True(_world.Allows("default/inventory", "default/db", 6379));
        Assert.False(_world.Allows("default/other", "default/db", 6379));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Recipe11And14_DenyEgressButDns(bool dns)
    {
        _world.Pod("default/foo", "app=foo");
        _world.Pod("default/web", "app=web");
        _world.Pod("kube-system/dns", "k8s-app=kube-dns");
        _world.Pod("kube-system/other", "k8s-app=other");
        PolicyRule[] rules = dns
            ?
            [
                Rule(
                    [In("kubernetes.io/metadata.name=kube-system", "k8s-app=kube-dns")],
                    [Port(53, Protocol.Udp), Port(53)]
                ),
            ]
            : [];
        _world.Policy("default/foo-deny-egress", Select("app=foo"), egress: rules);
        Assert.Equal(dns, _world.Allows("default/foo", "kube-system/dns", 53, Protocol.Udp));
        Assert.Equal(dns, _world.Allows("default/foo", "kube-system/dns", 53));
        Assert.False(_world.Allows("default/foo", "kube-system/other", 53, Protocol.Udp));
        Assert.False(_world.Allows("default/foo", "default/web"));
        Assert.False(_world.Allows("default/foo", "external"));
    }

    [Fact]
    public void Recipe12_DenyAllEgressOfANamespace()
    {
        _world.Pod("default/foo");
        _world.Pod("other/foo");
        _world.Policy("default/default-deny-all-egress", egress: []);
        Assert.False(_world.Allows("default/foo", "other/foo"));
        Assert.True(_world.Allows("other/foo", "default/foo"));
    }

    [Fact]
    public void Recipe14_AsDocumented_NeedsTheSecondRule()
    {
        Recipe11And14_DenyEgressButDns(true);
        _world.Policy("default/foo-in-cluster", Select("app=foo"), egress: [Rule([In("")])]);
        Assert.True(_world.Allows("default/foo", "default/web"));
        Assert.False(_world.Allows("default/foo", "external"));
    }
}
