using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>The effect of absent and empty fields (semantics.md S2 and S3).</summary>
public sealed class PolicyDefaultsTests
{
    [Theory]
    [InlineData("null", true, false)]
    [InlineData("{}", true, false)]
    [InlineData("{policyTypes: []}", true, false)]
    [InlineData("{policyTypes: null, egress: null}", true, false)]
    [InlineData("{egress: []}", true, false)]
    [InlineData("{egress: [{}]}", true, true)]
    [InlineData("{policyTypes: [Egress]}", false, true)]
    [InlineData("{policyTypes: [Egress], ingress: [{}]}", false, true)]
    [InlineData("{policyTypes: [Ingress], egress: [{}]}", true, false)]
    [InlineData("{policyTypes: [Egress, Ingress]}", true, true)]
    public void ReadText_PolicyTypes_AreDefaultedAsByTheServer(string spec, bool ingress, bool egress)
    {
        var policy = Read(spec);

        Assert.Equal((ingress, egress), (policy.IsolatesIngress, policy.IsolatesEgress));
    }

    [Fact]
    public void ReadText_RulesOfDirectionNotInForce_AreKept()
    {
        var policy = Read("{policyTypes: [Egress], ingress: [{}]}");

        Assert.Single<PolicyRule>(policy.Ingress);
        Assert.Empty(policy.RulesFor(Direction.Ingress));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{podSelector: {}}")]
    [InlineData("{podSelector: null}")]
    [InlineData("{podSelector: {matchLabels: null, matchExpressions: []}}")]
    public void ReadText_NoSubject_SelectsEveryPod(string spec) =>
        Assert.Equal(LabelSelector.Everything, Read(spec).PodSelector);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public void ReadText_NoRules_IsolatesAndAllowsNothing(string rules) =>
        Assert.Empty(Read($"{{ingress: {rules}}}").Ingress);

    [Theory]
    [InlineData("{}")]
    [InlineData("{from: null, ports: null}")]
    [InlineData("{from: [], ports: []}")]
    public void ReadText_EmptyRule_AllowsAnyPeerOnEveryPort(string rule)
    {
        Assert.Equal(
            new PolicyRule(default, default, 4),
            Assert.Single<PolicyRule>(Read($"{{ingress: [{rule}]}}").Ingress)
        );
    }

    [Theory]
    [InlineData("{}", "TCP", null, null, null)]
    [InlineData("null", "TCP", null, null, null)]
    [InlineData("{protocol: UDP}", "UDP", null, null, null)]
    [InlineData("{protocol: null, port: 80}", "TCP", 80, 80, null)]
    [InlineData("{port: 80, endPort: 90, protocol: SCTP}", "SCTP", 80, 90, null)]
    [InlineData("{port: 0x50}", "TCP", 80, 80, null)]
    [InlineData("{port: http}", "TCP", null, null, "http")]
    [InlineData("{port: \"http\"}", "TCP", null, null, "http")]
    public void ReadText_Port_IsDefaulted(string port, string protocol, int? first, int? last, string? name)
    {
        var rule = Assert.Single<PolicyRule>(Read($"{{ingress: [{{ports: [{port}]}}]}}").Ingress);

        Assert.Equal(
            new PolicyPort(Enum.Parse<Protocol>(protocol, ignoreCase: true), first, last, name),
            Assert.Single<PolicyPort>(rule.Ports)
        );
    }

    [Fact]
    public void ReadText_PeerSelectors_DistinguishAbsentFromEmpty()
    {
        var rule = Assert.Single<PolicyRule>(
            Read(
                "{ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}, {namespaceSelector: {}, "
                    + "podSelector: {matchLabels: {a: b}}}]}]}"
            ).Ingress
        );

        Assert.Equal(
            [
                new SelectorPeer(null, LabelSelector.Everything, 4),
                new SelectorPeer(LabelSelector.Everything, null, 4),
                new SelectorPeer(LabelSelector.Everything, LabelSelector.MatchLabels(("a", "b")), 4),
            ],
            rule.Peers
        );
    }

    [Fact]
    public void ReadText_NullRule_WarnsThatItAllowsAnyPeer()
    {
        var manifests = ManifestReader.ReadText(Samples.Policy("{ingress: [null]}"));

        Assert.Equal(
            "spec.ingress[0]: null is read as {}, which allows any peer on every port",
            Assert.Single(manifests.Diagnostics).Message
        );
        Assert.Single<PolicyRule>(Assert.Single(manifests.Policies).Ingress);
    }

    private static NetworkPolicy Read(string spec)
    {
        var manifests = ManifestReader.ReadText(Samples.Policy(spec));
        Assert.DoesNotContain(manifests.Diagnostics, found => found.IsError);
        return Assert.Single(manifests.Policies);
    }
}
