using Podfence.Lab;

namespace Podfence.ClusterTests;

/// <summary>
/// What is installed: a real server takes the manifests, and the rights in them are enough for an agent, and no more
/// than it needs.
/// </summary>
[Collection(BusyMachine.Name)]
public sealed class InstallTests(InstallTests.Server server) : IClassFixture<InstallTests.Server>
{
    private const string Account = "system:serviceaccount:kube-system:podfence";

    private static readonly (string Verb, string Resource, bool Allowed)[] s_rights =
    [
        ("list", "pods", true),
        ("watch", "pods", true),
        ("list", "nodes", true),
        ("watch", "nodes", true),
        ("list", "namespaces", true),
        ("watch", "namespaces", true),
        ("list", "networkpolicies.networking.k8s.io", true),
        ("watch", "networkpolicies.networking.k8s.io", true),
        ("create", "events", true),
        ("get", "secrets", false),
        ("list", "secrets", false),
        ("list", "configmaps", false),
        ("create", "pods", false),
        ("delete", "pods", false),
        ("update", "networkpolicies.networking.k8s.io", false),
        ("patch", "nodes", false),
        ("list", "events", false),
    ];

    [Theory]
    [InlineData("podfence.yaml")]
    [InlineData("podfence-cleanup.yaml")]
    public async Task Manifest_Applied_IsAccepted(string file)
    {
        LiveCluster.Require();
        await KubectlAsync("apply", "-f", Repository.Find("deploy", file));
        var again = await KubectlAsync("apply", "-f", Repository.Find("deploy", file));
        Assert.Equal(4, again.Split('\n').Count(static line => line.EndsWith(" unchanged", StringComparison.Ordinal)));
        var pod = await KubectlAsync(
            "-n",
            "kube-system",
            "get",
            "daemonset",
            "podfence",
            "-o",
            "jsonpath={.spec.template.spec.hostNetwork} {..capabilities.drop} {..readOnlyRootFilesystem} {..privileged}"
        );
        Assert.StartsWith("true [\"ALL\"]", pod, StringComparison.Ordinal);
        await KubectlAsync("delete", "-f", Repository.Find("deploy", file));
    }

    [Fact]
    public async Task Role_OfTheManifest_AllowsOnlyWhatTheAgentNeeds()
    {
        LiveCluster.Require();
        await KubectlAsync("apply", "-f", Repository.Find("deploy", "podfence.yaml"));
        foreach (var (verb, resource, allowed) in s_rights)
        {
            var answer = await LiveCluster.TryKubectlAsync(
                server.Control!,
                "auth",
                "can-i",
                verb,
                resource,
                "--all-namespaces",
                $"--as={Account}"
            );
            Assert.True(answer.Trim() == (allowed ? "yes" : "no"), $"{verb} {resource}: {answer}");
        }
    }

    private Task<string> KubectlAsync(params string[] arguments) =>
        LiveCluster.KubectlAsync(server.Control!, "", arguments);

    /// <summary>One server for all of these tests.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public ControlPlane? Control { get; private set; }

        public async ValueTask InitializeAsync()
        {
            if (ControlPlane.FindPrograms() is not null)
            {
                Control = await ControlPlane.StartAsync(CancellationToken.None);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (Control is not null)
            {
                await Control.DisposeAsync();
            }
        }
    }
}
