using System.Text;
using CsCheck;
using Podfence.Model;

namespace Podfence.Manifests.Tests;

public sealed class ManifestWriterTests
{
    [Fact]
    public void ToJson_AnyObject_ReadsBackEqual() =>
        ModelGen.Object.Sample(
            item =>
            {
                var json = ManifestWriter.ToJson(item);
                var diagnostics = ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(json), out var back);

                Assert.Equal(item, back);
                Assert.DoesNotContain('\n', json);
                Assert.True(
                    diagnostics.Count == 0 || json.Contains("Unreadable", StringComparison.Ordinal),
                    string.Join('\n', diagnostics)
                );
            },
            iter: 2000
        );

    [Fact]
    public void ToJson_ReadableObject_IsStrictlyValid() =>
        ModelGen.Object.Sample(
            item =>
            {
                var json = ManifestWriter.ToJson(item);
                if (!json.Contains("Unreadable", StringComparison.Ordinal))
                {
                    var manifests = ManifestReader.ReadText(json, "a.json");
                    Assert.Empty(manifests.Diagnostics);
                    Assert.Equal(item.Reference, manifests.Objects[0].Reference);
                }
            },
            iter: 500
        );

    [Fact]
    public void ToJson_Policy_IsAsUsersWriteIt()
    {
        var policy = Assert.Single(
            ManifestReader
                .ReadText(
                    Samples.Policy(
                        "{podSelector: {matchLabels: {a: b}}, ingress: [{from: [{podSelector: {}}], ports: "
                            + "[{port: 80, endPort: 81}]}]}"
                    )
                )
                .Policies
        );

        Assert.Equal(
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"ns"},"spec":{"podSelector":{"matchLabels":{"a":"b"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{}}],"ports":[{"protocol":"TCP","port":80,"endPort":81}]}]}}""",
            ManifestWriter.ToJson(ClusterObject.Of(policy))
        );
    }
}
