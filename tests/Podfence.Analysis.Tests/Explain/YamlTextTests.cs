using Podfence.Manifests;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

public sealed class YamlTextTests
{
    [Fact]
    public void Rule_OfRandomPolicies_IsReadBackEqual() => Cases.Check(300, static cluster =>
        {
            foreach (var policy in cluster.Policies)
            {
                foreach (var rule in policy.Ingress.Where(static rule => rule.Peers.All(IsReadable)))
                {
                    var text = YamlText.Rule(Direction.Ingress, rule);
                    var read = ManifestReader.ReadText(
                        $"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p}}, spec: "
                            + $"{{ingress: [{text}]}}}}"
                    );
                    if (read.HasErrors || Plain(read.Policies[0].Ingress[0]) != Plain(rule))
                    {
                        return $"{text}: {string.Join(' ', read.Diagnostics)}";
                    }
                }
            }

            return null;
        });

    [Theory]
    [InlineData("web", "web")]
    [InlineData("kubernetes.io/metadata.name", "kubernetes.io/metadata.name")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("no", "\"no\"")]
    [InlineData("", "\"\"")]
    [InlineData("1.5", "\"1.5\"")]
    [InlineData("0x10", "\"0x10\"")]
    [InlineData("fd00::/8", "\"fd00::/8\"")]
    public void Scalar_Text_IsQuotedIfYamlWouldReadAnotherType(string text, string expected) =>
        Assert.Equal(expected, YamlText.Scalar(text));

    // What a new object may hold: the generator makes old ones too.
    private static bool IsReadable(PolicyPeer peer) =>
        peer is IpBlockPeer block
            ? block.Except.All(hole => block.Cidr.Contains(hole) && hole.PrefixLength > block.Cidr.PrefixLength)
            : peer is not SelectorPeer { Pods.Unreadable: true } and not SelectorPeer { Namespaces.Unreadable: true };

    // Lines belong to files, and the order of requirements does not matter.
    private static PolicyRule Plain(PolicyRule rule) => new([.. rule.Peers.Select(Plain)], rule.Ports);

    private static PolicyPeer Plain(PolicyPeer peer) =>
        peer switch
        {
            SelectorPeer selectors => new SelectorPeer(Plain(selectors.Namespaces), Plain(selectors.Pods)),
            _ => peer with { Line = 0 },
        };

    private static LabelSelector? Plain(LabelSelector? selector) =>
        selector is null
            ? null
            : selector with
            {
                Requirements =
                [
                    .. selector.Requirements.OrderBy(static item => item.ToString(), StringComparer.Ordinal),
                ],
            };
}
