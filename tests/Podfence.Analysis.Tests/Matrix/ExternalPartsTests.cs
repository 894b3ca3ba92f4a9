using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class ExternalPartsTests
{
    private const string Pod = """
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {nodeName: n1, containers: []}}
        ---
        {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDRs: [10.1.0.0/24, "fd00:1::/64"]}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
        ---

        """;

    [Theory]
    [InlineData(
        "{cidr: 172.17.0.0/16, except: [172.17.1.0/24]}",
        "external 172.17.0.0/16 except 172.17.1.0/24",
        "external (others)"
    )]
    [InlineData(
        "{cidr: 0.0.0.0/0, except: [0.0.0.0/8, 10.0.0.0/8, 255.255.255.255/32]}",
        "external 0.0.0.0/0 except 0.0.0.0/8 and 10.0.0.0/8 and 255.255.255.255/32",
        "external (others)"
    )]
    [InlineData(
        "{cidr: 10.0.0.0/8}}, {ipBlock: {cidr: \"2001:db8::/32\"}",
        "external 10.0.0.0/8 + 2001:db8::/32",
        "external (others)"
    )]
    [InlineData(
        "{cidr: 10.0.0.0/30, except: [10.0.0.1/32, 10.0.0.2/32]}",
        "external 10.0.0.0/32 + 10.0.0.3/32",
        "external (others)"
    )]
    [InlineData("{cidr: 0.0.0.0/0}}, {ipBlock: {cidr: \"::/0\"}", "external 0.0.0.0/0 + ::/0")]
    public void Of_Blocks_AreNamedAsInRules(string block, params string[] names)
    {
        var cluster = Clusters.Of(Pod + Policy("{ipBlock: " + block + "}"));

        Assert.Equal(names, ExternalParts.Of(cluster).Select(static part => part.Name));
    }

    [Fact]
    public void Of_NoBlocks_IsOnePart() =>
        Assert.Equal(["external (all)"], ExternalParts.Of(Clusters.Of(Pod)).Select(static part => part.Name));

    [Fact]
    public void Of_BlockOfOneNode_HasNoExternalPart()
    {
        var cluster = Clusters.Of(Pod + Policy("{ipBlock: {cidr: 192.0.2.1/32}}"));

        Assert.Equal(["external (others)"], ExternalParts.Of(cluster).Select(static part => part.Name));
    }

    [Fact]
    public void Of_TwoClusters_SplitsWhereEitherDoes()
    {
        var before = Clusters.Of(Pod + Policy("{ipBlock: {cidr: 10.0.0.0/8}}"));
        var after = Clusters.Of(Pod + Policy("{ipBlock: {cidr: 10.0.0.0/9}}"));

        var parts = ExternalParts.Of(before, after);

        Assert.Equal(
            ["external 10.0.0.0/9", "external 10.128.0.0/9", "external (others)"],
            parts.Select(static part => part.Name)
        );
        var (old, now) = (
            ReachMatrix.Of(before, new() { External = parts }),
            ReachMatrix.Of(after, new() { External = parts })
        );
        Assert.Equal(old.Groups, now.Groups);
        Assert.True(old.Row(old.Find("external 10.128.0.0/9")!.Value)[0].Every.IsAll);
        Assert.True(now.Row(now.Find("external 10.128.0.0/9")!.Value)[0].Some.IsEmpty);
    }

    private static string Policy(string peer) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: shop}}, spec: "
        + $"{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}}}";
}
