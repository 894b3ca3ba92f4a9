using System.Globalization;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>
/// The container image under a real containerd, with the DaemonSet's security context, in the networks of a lab's
/// nodes.
/// </summary>
[Collection(BusyMachine.Name)]
public sealed class ImageTests
{
    private const string Policy = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: only-api, namespace: s1}
        spec:
          podSelector: {matchLabels: {role: db}}
          policyTypes: [Ingress]
          ingress: [{from: [{podSelector: {matchLabels: {role: api}}}]}]
        """;

    private const long NetAdmin = 1L << 12;
    private const long NetRaw = 1L << 13;

    [Fact]
    public async Task Agents_InContainersOfTheDaemonSet_PacketsObeyThePolicy()
    {
        LiveCluster.Require();
        await using var containerd = await Containerd.StartAsync(TestContext.Current.CancellationToken);
        var agents = new DaemonSetAgents(containerd, await containerd.ImportAsync(FindArchive()), LiveCluster.Mixed(0));
        var manifests = LiveCluster.Read(Town.Yaml(namespaces: 1));
        await using var cluster = await LiveCluster.StartAsync(manifests, agent: agents.Command);
        // n1 has nftables, the others iptables.
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            var capabilities = node == "n1" ? NetAdmin : NetAdmin | NetRaw;
            var process = containerd.ProcessOf(DaemonSetAgents.NameOn(node));
            AssertConfined(process, capabilities, cluster.Lab.Network.Node(node).Inode);
        }

        Assert.True(await cluster.PassesAsync("s1/web-0", "s1/db-0", 8080));

        await cluster.KubectlAsync(Policy, "apply", "-f", "-");
        await cluster.UntilAsync("s1/web-0", "s1/db-0", 8080, passes: false);
        Assert.True(await cluster.PassesAsync("s1/api-0", "s1/db-0", 8080));
        var (differences, flows) = await cluster.CompareAsync();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(10)));
        Assert.True(flows > 50, $"only {flows} flows");

        await cluster.KubectlAsync("", "-n", "s1", "delete", "networkpolicy", "only-api");
        await cluster.UntilAsync("s1/web-0", "s1/db-0", 8080, passes: true);
    }

    // What the kernel says of the process.
    private static void AssertConfined(int process, long capabilities, string network)
    {
        var status = File.ReadAllLines($"/proc/{process}/status")
            .Select(static line => line.Split(':', 2))
            .ToDictionary(static parts => parts[0], static parts => parts[1].Trim(), StringComparer.Ordinal);
        foreach (var set in (string[])["CapPrm", "CapEff", "CapBnd"])
        {
            Assert.Equal(capabilities, long.Parse(status[set], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }

        Assert.Equal("1", status["NoNewPrivs"]);
        Assert.Equal("2", status["Seccomp"]);
        Assert.Equal(network, new FileInfo($"/proc/{process}/ns/net").LinkTarget);
        var mounts = File.ReadLines($"/proc/{process}/mountinfo").Select(static line => line.Split(' '));
        var root = mounts.Single(static fields => fields[4] == "/");
        Assert.Contains("ro", root[5].Split(','));
    }

    private static string FindArchive()
    {
        var folder = Repository.Find("artifacts", "image");
        var archives = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.tar") : [];
        Assert.True(archives.Length > 0, "there is no image in artifacts/image: run 'make image'");
        return Assert.Single(archives);
    }
}
