using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class DiffSidesTests
{
    private const string Pods = """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: blue}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c, image: i}]}}
        ---
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: db, namespace: shop}, spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: i}]}}}}
        """;

    private const string Policy =
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: "
        + "{podSelector: {}}}";

    [Fact]
    public void Of_SideWithoutPods_HasThoseOfTheOtherAtTheSameAddresses()
    {
        var (before, after, podsOf) = DiffSides.Of(null, Input(Policy), Input(Pods));

        Assert.Equal(PodsOf.After, podsOf);
        Assert.Equal(after.State.Pods.OrderBy(static pod => pod.Key), before.State.Pods.OrderBy(static pod => pod.Key));
        Assert.Equal(3, before.State.Pods.Count());
        Assert.Equal("blue", before.State.Namespaces["shop"].Labels["team"]);
        Assert.Empty(after.State.Policies);
        Assert.Equal(PodsOf.Before, DiffSides.Of(null, Input(Pods), Input(Policy)).PodsOf);
    }

    [Fact]
    public void Of_NeitherHasPods_ReportsNone() =>
        Assert.Equal(PodsOf.None, DiffSides.Of(null, Input(Policy), Input(Policy)).PodsOf);

    [Fact]
    public void Of_MorePodsOnOneSide_KeepsTheAddressesOfTheOthers()
    {
        const string First =
            "{apiVersion: v1, kind: Pod, metadata: {name: a-first, namespace: shop}, spec: {containers: [{name: "
            + "c, image: i}]}}\n---\n";

        var (before, after, _) = DiffSides.Of(null, Input(Pods), Input(First + Pods));

        foreach (var pod in before.State.Pods)
        {
            Assert.Equal(pod.Addresses, after.State.FindPod(pod.Key)!.Addresses);
        }
    }

    [Fact]
    public void Of_SharedInput_IsOnBothSidesAndUnchanged()
    {
        var shared = Input(Pods);

        var (before, after, podsOf) = DiffSides.Of(
            shared,
            Input(Policy),
            Input(Policy.Replace("name: p", "name: q", StringComparison.Ordinal))
        );

        Assert.Equal(PodsOf.Each, podsOf);
        Assert.Equal("shop/p", Assert.Single(before.State.Policies).Key.ToString());
        Assert.Equal("shop/q", Assert.Single(after.State.Policies).Key.ToString());
        Assert.Empty(shared.State.Policies);
        Assert.Single(shared.State.Pods);
    }

    [Fact]
    public void Of_NamespaceThatOneSideOnlyMentions_HasTheLabelsOfTheOther()
    {
        const string Web =
            "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: "
            + "{containers: [{name: c, image: i}]}}";

        var (before, _, _) = DiffSides.Of(null, Input(Web), Input(Pods));

        Assert.Equal("blue", before.State.Namespaces["shop"].Labels["team"]);
    }

    [Fact]
    public void Diff_PodsOfAWorkloadWithOtherNames_AreComparedWithItsFirst()
    {
        var (before, after, _) = DiffSides.Of(
            null,
            Input(Named("web-1") + "\n---\n" + Policy),
            Input(Named("web-2") + "\n---\n" + Named("web-3"))
        );

        var diff = PolicyDiff.Of(before, after, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(diff.OnlyAfter);
        Assert.Contains(diff.Lines, static line =>
            line is { Kind: DiffKind.Opened, To.Name: "shop/statefulset/web", From.Kind: GroupKind.External }
        );

        static string Named(string name) =>
            $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop, ownerReferences: "
            + $"[{{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: \"1\", controller: true}}]}}, spec: "
            + $"{{containers: [{{name: c, image: i}}]}}}}";
    }

    [Fact]
    public void OfChange_Pruned_RemovesPoliciesMissingFromTheFiles()
    {
        const string Other =
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: other}, spec: "
            + "{podSelector: {}}}";
        var cluster = Input(string.Join("\n---\n", Pods, Policy, Other));
        var files = Policy.Replace("name: p", "name: q", StringComparison.Ordinal);

        Assert.Equal(
            ["other/p", "shop/p", "shop/q"],
            Names(DiffSides.OfChange(cluster, Input(files), prune: false).After)
        );
        Assert.Equal(["other/p", "shop/q"], Names(DiffSides.OfChange(cluster, Input(files), prune: true).After));
        Assert.Equal(["other/p", "shop/p"], Names(DiffSides.OfChange(cluster, Input(files), prune: true).Before));

        static IEnumerable<string> Names(Cluster cluster) =>
            cluster.State.Policies.Select(static policy => policy.Key.ToString()).Order(StringComparer.Ordinal);
    }

    private static ClusterInput Input(string yaml)
    {
        var manifests = ManifestReader.ReadText(yaml, "c.yaml");
        Assert.Empty(manifests.Diagnostics);
        return ManifestSource.Of(manifests);
    }
}
