using System.Text;
using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>What the API server may store although it would not take it today.</summary>
public sealed class ApiObjectReaderTests
{
    [Fact]
    public void Read_LegacyBlocks_AreAccepted()
    {
        var (policy, diagnostics) = Read(
            """{"ingress":[{"from":[{"ipBlock":{"cidr":"010.1.2.3/8","except":["::ffff:10.1.0.0/112"]}}]}]}"""
        );

        Assert.Empty(diagnostics);
        Assert.Equal(
            new IpBlockPeer(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")]),
            policy.Ingress[0].Peers[0]
        );
    }

    [Theory]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Near","values":["b"]}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"NotIn","values":["not a label"]}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In"}]}""")]
    [InlineData("""{"matchLabels":{"a":5}}""")]
    [InlineData("[]")]
    public void Read_UnreadableSelector_IsolatesAllAndMatchesNothing(string selector)
    {
        var (policy, diagnostics) = Read(
            $$"""{"podSelector":{{selector}},"ingress":[{"from":[{"podSelector":{{selector}}}]}]}"""
        );

        Assert.NotEmpty(diagnostics);
        Assert.All(diagnostics, found => Assert.False(found.IsError));
        Assert.True(policy.PodSelector.Unreadable);
        Assert.True(((SelectorPeer)policy.Ingress[0].Peers[0]).Pods!.Unreadable);
    }

    [Theory]
    [InlineData("""{"from":[{"ipBlock":{"cidr":"nonsense"}}]}""")]
    [InlineData("""{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["nonsense"]}}]}""")]
    [InlineData("""{"from":[{"fromTheFuture":{}}]}""")]
    [InlineData("""{"from":"everyone"}""")]
    [InlineData("""{"ports":[{"protocol":"QUIC"}]}""")]
    [InlineData("""{"ports":[{"port":0}]}""")]
    [InlineData("""{"ports":[{"port":90,"endPort":80}]}""")]
    [InlineData("""{"ports":[{"endPort":80}]}""")]
    [InlineData("5")]
    public void Read_UnreadableRule_AllowsNothing(string rule)
    {
        var (policy, diagnostics) = Read($$"""{"ingress":[{{rule}}]}""");

        Assert.NotEmpty(diagnostics);
        Assert.True(policy.IsolatesIngress);
        Assert.Empty(policy.Ingress);
    }

    [Fact]
    public void Read_OneUnreadableAmongOthers_KeepsTheOthers()
    {
        var (policy, diagnostics) = Read(
            """{"egress":[{"to":[{},{"podSelector":{}}],"ports":[{"port":80},{"port":"x","endPort":5}]}],"policyTypes":["Egress","Sideways"],"fromTheFuture":1}"""
        );

        Assert.Equal(2, diagnostics.Count);
        Assert.Equal((false, true), (policy.IsolatesIngress, policy.IsolatesEgress));
        Assert.Equal(
            new PolicyRule([new SelectorPeer(null, LabelSelector.Everything)], [new PolicyPort(Protocol.Tcp, 80, 80)]),
            policy.Egress[0]
        );
    }

    [Theory]
    [InlineData("""{"policyTypes":["Sideways"]}""")]
    [InlineData("""{"policyTypes":7}""")]
    [InlineData("[]")]
    public void Read_UnreadableTypes_IsolateBothDirections(string spec)
    {
        var (policy, _) = Read(spec);

        Assert.True(policy is { IsolatesIngress: true, IsolatesEgress: true });
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{}}""")]
    public void Read_NotAnObject_ReturnsNull(string json)
    {
        ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(json), out var item);

        Assert.Null(item);
    }

    [Fact]
    public void Read_PodWithInvalidMetadata_IsAccepted()
    {
        var diagnostics = ApiObjectReader.ReadSelfDescribing(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"Ä","labels":{"a b":"c d"},"new":1},"status":{"podIP":"010.0.0.1","qosClass":"x"}}"""u8,
            out var item
        );

        Assert.Empty(diagnostics);
        Assert.Equal([IpAddress.Parse("10.0.0.1")], item!.Value.Pod!.Addresses);
    }

    private static (NetworkPolicy Policy, IReadOnlyList<Diagnostic> Diagnostics) Read(string spec)
    {
        var json =
            $$"""{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"ns"},"spec":{{spec}}}""";
        var diagnostics = ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(json), out var item);
        return (item!.Value.Policy!, diagnostics);
    }
}
