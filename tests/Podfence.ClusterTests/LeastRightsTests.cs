using System.Text.Json;
using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Kubernetes;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>An agent with no more rights than the manifest gives it, and with a log that cannot be written.</summary>
[Collection(BusyMachine.Name)]
public sealed class LeastRightsTests
{
    private const string Policy = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: nobody, namespace: s1}
        spec: {podSelector: {matchLabels: {role: db}}, policyTypes: [Ingress]}
        """;

    // The match of ipsets opens a raw socket, and so does all of the legacy program.
    [Theory]
    [InlineData(DataplaneKind.Nftables, "+net_admin")]
    [InlineData(DataplaneKind.IptablesNft, "+net_admin,+net_raw")]
    [InlineData(DataplaneKind.IptablesLegacy, "+net_admin,+net_raw")]
    public async Task Agents_WithTheManifestsCapabilitiesAndAFullDisk_Enforce(DataplaneKind kind, string capabilities)
    {
        LiveCluster.Require();
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "needs setpriv (util-linux)");
        // The lab takes an agent whose standard error is closed for one that ends, and kills it after seconds: 3 keeps
        // it open.
        string[] wrapper =
        [
            "/bin/sh",
            "-c",
            $"exec 3>&2 2>/dev/full; exec setpriv --no-new-privs --bounding-set=-all,{capabilities} "
                + $"--inh-caps=-all \"$0\" \"$@\"",
        ];
        await using var cluster = await LiveCluster.StartAsync(
            LiveCluster.Read(Town.Yaml(namespaces: 1)),
            more: ["--log-level", "debug"],
            wrapper: wrapper,
            dataplane: _ => kind
        );
        await cluster.KubectlAsync(Policy, "apply", "-f", "-");
        await cluster.UntilAsync("s1/web-0", "s1/db-0", 8080, passes: false);
        var (differences, _) = await cluster.CompareAsync();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(10)));
    }

    [Fact]
    public async Task Event_OnAPolicy_IsStoredOnceAndFoundByThePolicysName()
    {
        LiveCluster.Require();
        await using var control = await ControlPlane.StartAsync(TestContext.Current.CancellationToken);
        await LiveCluster.KubectlAsync(
            control,
            Policy.Replace("s1", "default", StringComparison.Ordinal),
            "apply",
            "-f",
            "-"
        );
        using var client = new KubeClient(ClusterAccess.Load(new AccessOptions { Kubeconfig = control.Kubeconfig }));
        var what = new PolicyEvent(
            new PolicyKey("default", "nobody"),
            PolicyEventReason.PolicyFailedClosed,
            "its rules cannot be made"
        );
        Assert.Null(
            await new ApiEventPoster(client, "n1", TimeProvider.System).PostAsync(
                what,
                TestContext.Current.CancellationToken
            )
        );
        Assert.Null(
            await new ApiEventPoster(client, "n2", TimeProvider.System).PostAsync(
                what,
                TestContext.Current.CancellationToken
            )
        );
        var events = await LiveCluster.KubectlAsync(control, "", "get", "events", "-o", "json");
        using var json = JsonDocument.Parse(events);
        var one = Assert.Single(json.RootElement.GetProperty("items").EnumerateArray());
        Assert.Equal("PolicyFailedClosed", one.GetProperty("reason").GetString());
        Assert.Contains(
            "its rules cannot be made",
            await LiveCluster.KubectlAsync(
                control,
                "",
                "get",
                "events",
                "--field-selector",
                "involvedObject.name=nobody"
            ),
            StringComparison.Ordinal
        );
    }
}
