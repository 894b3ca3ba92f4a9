using System.Text;
using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>What the API server may store although it would not take it today.</summary>
public sealed class ApiObjectReaderTests
{
    [Fact]
    public void Read_LegacyBlocks_AreUnderstoodWithoutFault()
    {
        var (policy, faults) = Read("""{"ingress":[{"from":[{"ipBlock":{"cidr":"010.1.2.3/8","except":["::ffff:10.1.0.0/112"]}}]}]}""");

        Assert.Empty(faults);
        Assert.Equal(new IpBlockPeer(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")]), policy.Ingress[0].Peers[0]);
    }

    [Theory]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Near","values":["b"]}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"NotIn","values":["not a label"]}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In"}]}""")]
    [InlineData("""{"matchLabels":{"a":5}}""")]
    [InlineData("[]")]
    public void Read_UnreadableSelector_IsolatesAllAndMatchesNothing(string selector)
    {
        var (policy, faults) = Read($$"""{"podSelector":{{selector}},"ingress":[{"from":[{"podSelector":{{selector}}}]}]}""");

        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.False(fault.IsError));
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
    public void Read_RuleOfWhichNothingIsReadable_AdmitsNothing(string rule)
    {
        var (policy, faults) = Read($$"""{"ingress":[{{rule}}]}""");

        Assert.NotEmpty(faults);
        Assert.True(policy.IsolatesIngress);
        Assert.Empty(policy.Ingress);
    }

    [Fact]
    public void Read_OneUnreadableAmongOthers_LeavesTheOthers()
    {
        var (policy, faults) = Read("""{"egress":[{"to":[{},{"podSelector":{}}],"ports":[{"port":80},{"port":"x","endPort":5}]}],"policyTypes":["Egress","Sideways"],"fromTheFuture":1}""");

        Assert.Equal(2, faults.Count);
        Assert.Equal((false, true), (policy.IsolatesIngress, policy.IsolatesEgress));
        Assert.Equal(new PolicyRule([new SelectorPeer(null, LabelSelector.Everything)], [new PolicyPort(Protocol.Tcp, 80, 80)]), policy.Egress[0]);
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
    public void Read_NothingOfUse_GivesNoObject(string json)
    {
        ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(json), out var item);

        Assert.Null(item);
    }

    [Fact]
    public void Read_PodWithOddMetadata_IsTakenWithoutFault()
    {
        var faults = ApiObjectReader.ReadSelfDescribing("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"Ä","labels":{"a b":"c d"},"new":1},"status":{"podIP":"010.0.0.1","qosClass":"x"}}"""u8, out var item);

        Assert.Empty(faults);
        Assert.Equal([IpAddress.Parse("10.0.0.1")], item!.Value.Pod!.Addresses);
    }

    private static (NetworkPolicy Policy, IReadOnlyList<Diagnostic> Diagnostics) Read(string spec)
    {
        var json = $$"""{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"ns"},"spec":{{spec}}}""";
        var faults = ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(json), out var item);
        return (item!.Value.Policy!, faults);
    }
}
