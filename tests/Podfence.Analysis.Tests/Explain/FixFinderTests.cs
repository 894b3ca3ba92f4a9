using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Analysis.Tests;

public sealed class FixFinderTests
{
    private const string Pods = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: other, labels: {app: web, pod-template-hash: abc}}}
        ---
        """;

    [Fact]
    public void Find_RandomDenials_OpensEachByOneEditPerEndpoint() => Cases.Check(150, static cluster =>
        {
            var whole = Cluster.Complete(new(cluster.ToState(), [], []));
            var before = ClusterCase.Of(whole.State);
            var classes = FlowClasses.Of(whole.State);
            foreach (
                var flow in classes.All().Where(flow => flow.Protocol is not null).Where((_, index) => index % 97 == 0)
            )
            {
                var verdict = whole.Evaluator.Evaluate(flow);
                var changes = FixFinder.Find(whole, verdict);
                var denials = (verdict.Egress.Allowed ? 0 : 1) + (verdict.Ingress.Allowed ? 0 : 1);
                if (changes.Count != denials)
                {
                    return $"{verdict}: {changes.Count} changes for {denials} denials";
                }

                if (ClusterCase.Of(whole.State) != before)
                {
                    return $"{verdict}: the cluster is not what it was";
                }

                // A state of its own, as a witness that shares nothing.
                var copy = Clusters.Copy(whole.State);
                foreach (var change in changes)
                {
                    copy.Upsert(change.After);
                }

                if (!new Evaluator(copy).IsAllowed(flow))
                {
                    return $"{verdict}: "
                        + $"{string.Join(" and ", changes.Select(change => $"{change.Field} {change.Item}"))} do "
                        + $"not open it";
                }
            }

            return null;
        });

    [Theory]
    // The port is missing where the peer matches.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}",
        "shop/web",
        "spec.ingress[0].ports",
        "{protocol: TCP, port: 5432}"
    )]
    // The peer is missing where the port matches.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: job}}}], "
            + "ports: [{port: 5432}]}]}",
        "shop/web",
        "spec.ingress[0].from",
        "{podSelector: {matchLabels: {app: web}}}"
    )]
    // The selector was intended for another namespace too.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], "
            + "ports: [{port: 5432}]}]}",
        "other/web",
        "spec.ingress[0].from",
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}, podSelector: {matchLabels: "
            + "{app: web}}}"
    )]
    // Labels that pass with a rollout are not named.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]}",
        "other/web",
        "spec.ingress[0].from",
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}, podSelector: {matchLabels: "
            + "{app: web}}}"
    )]
    // Nothing is near.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}}",
        "shop/web",
        "spec.ingress",
        "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{protocol: TCP, port: 5432}]}"
    )]
    // No pod declares the port name.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: pg}]}]}",
        "shop/web",
        "spec.ingress[0].ports",
        "{protocol: TCP, port: 5432}"
    )]
    // An external address, excepted from a block.
    [InlineData(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 198.51.100.0/24, except: "
            + "[198.51.100.0/28]}}], ports: [{port: 5432}]}]}",
        "198.51.100.7",
        "spec.ingress[0].from",
        "{ipBlock: {cidr: 198.51.100.7/32}}"
    )]
    public void Find_Denial_AddsToTheNearestList(string spec, string from, string field, string item)
    {
        var cluster = Clusters.Of(
            $"{Pods}\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: "
                + $"shop}}, spec: {spec}}}"
        );

        var change = Assert.Single(Clusters.Explain(cluster, from, "shop/db", 5432).Changes);

        Assert.Equal((field, item), (change.Field, change.Item));
    }

    [Fact]
    public void Find_RulesOfAForgottenType_AddsTheType()
    {
        var cluster = Clusters.Of(
            Pods
                + """

                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {}}}
                ---
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]}}
                """
        );

        var change = Assert.Single(Clusters.Explain(cluster, "shop/web", "shop/db", 5432).Changes);

        Assert.Equal(("spec.policyTypes", "Ingress", "p"), (change.Field, change.Item, change.Policy.Key.Name));
    }

    [Fact]
    public void Find_BothEndsDeny_ChangesBoth()
    {
        var cluster = Clusters.Of(
            Pods
                + """

                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}
                """
        );

        var explanation = Clusters.Explain(cluster, "shop/web", "shop/db", 5432);

        Assert.Equal(["spec.egress", "spec.ingress"], explanation.Changes.Select(change => change.Field));
    }

    [Fact]
    public void Find_PeerSharesItsLabels_ListsOtherMatches()
    {
        var cluster = Clusters.Of(
            Pods
                + """

                {apiVersion: v1, kind: Pod, metadata: {name: web2, namespace: shop, labels: {app: web}}}
                ---
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}}}
                """
        );

        var change = Assert.Single(Clusters.Explain(cluster, "shop/web", "shop/db", 5432).Changes);

        Assert.Equal("shop/web2", change.AlsoOpens);
    }
}
