namespace Podfence.Model.Tests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Read_ArticleExample_GivesItsPolicyAndCluster()
    {
        var manifests = ManifestReader.Read([Samples.RepositoryFile("examples/article.yaml")]);

        Assert.Empty(manifests.Faults);
        Assert.Equal(["db", "web", "job", "api", "web"], manifests.Pods.Select(pod => pod.Key.Name));
        Assert.Equal(["default", "partner", "stranger"], manifests.Namespaces.Select(item => item.Name));
        var policy = Assert.Single(manifests.Policies);
        Assert.True(policy is { IsolatesIngress: true, IsolatesEgress: true });
        Assert.Equal(LabelSelector.MatchLabels(("role", "db")), policy.PodSelector);
        var ingress = Assert.Single<PolicyRule>(policy.Ingress);
        Assert.Equal(new IpBlockPeer(Cidr.Parse("172.17.0.0/16"), [Cidr.Parse("172.17.1.0/24")], 49), ingress.Peers[0]);
        Assert.Equal(new SelectorPeer(LabelSelector.MatchLabels(("project", "myproject")), null, 50), ingress.Peers[1]);
        Assert.Equal(new SelectorPeer(null, LabelSelector.MatchLabels(("role", "frontend")), 51), ingress.Peers[2]);
        Assert.Equal(new PolicyPort(Protocol.Tcp, 6379, 6379), Assert.Single<PolicyPort>(ingress.Ports));
        Assert.EndsWith("article.yaml:41", policy.Location.ToString(), StringComparison.Ordinal);
    }
}
