using Podfence.Manifests;
using Podfence.Model;
using static Podfence.Lab.Tests.Samples;

namespace Podfence.Lab.Tests;

/// <summary>The daemon within this process, over its real socket.</summary>
public sealed class LabDaemonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-lab-test").FullName;
    private readonly string _name = $"test-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Daemon_WholeLife_AnswersFollowsAndLeavesNothing()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder, "cluster.yaml");
        await File.WriteAllTextAsync(file, PodText("web"), cancel);
        var ready = new TaskCompletionSource<LabStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new LabDaemonOptions
        {
            Name = _name,
            Paths = [_folder],
            Cluster = new LabClusterOptions { FenceCommand = _ => FakeFence.Willing },
        };
        var daemon = LabDaemon.RunAsync(options, null, ready.SetResult, cancel);
        Assert.Same(ready.Task, await Task.WhenAny(ready.Task, daemon));
        var client = new LabClient(_name);

        var second = await Assert.ThrowsAsync<LabException>(() => LabDaemon.RunAsync(options, null, _ => { }, cancel));
        Assert.Equal(LabError.AlreadyUp, second.Error);

        await client.ApplyAsync(LabClient.Stated(ManifestReader.ReadText(PodText("db"))), null, cancel);
        var status = await client.StatusAsync(cancel);
        Assert.Equal(["default/db", "default/web"], status.Pods.Select(pod => pod.Name));
        Assert.True(status.IsFenced);
        Assert.All(status.Nodes, node => Assert.NotNull(node.FenceProcessId));
        Assert.Contains("default/db", (await client.ObjectsAsync(cancel)).Select(item => item.Pod?.Key.ToString()));

        var flow = new LabFlow(
            LabEndpoint.Parse("default/web"),
            LabEndpoint.Parse("default/db"),
            Protocol.Udp,
            80,
            IpFamily.IPv6
        );
        Assert.True(Assert.Single(await client.ProbeAsync([flow], TimeSpan.FromSeconds(3), cancel)).IsAllowed);

        await File.WriteAllTextAsync(file, PodText("web") + "---\n" + PodText("late"), cancel);
        while (!(await client.StatusAsync(cancel)).Pods.Any(pod => pod.Name == "default/late"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        }

        await File.WriteAllTextAsync(file, "kind: Nonsense", cancel);
        while ((await client.StatusAsync(cancel)).Errors.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        }

        Assert.Equal(3, (await client.StatusAsync(cancel)).Pods.Count);
        var inodes = await InodesAsync(client, cancel);
        await client.DownAsync(null, cancel);
        await daemon;

        Assert.False(File.Exists(LabSocket.PathOf(_name)));
        Assert.Equal(LabError.NotUp, (await Assert.ThrowsAsync<LabException>(() => client.StatusAsync(cancel))).Error);
        Assert.Empty(inodes.Intersect(KernelTraces.NamespacesInUse()));
    }

    private static async Task<HashSet<string>> InodesAsync(LabClient client, CancellationToken cancel)
    {
        var inodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in (string[])["default/web", "default/db", "node:n1", "node:n2", "external"])
        {
            inodes.Add(new FileInfo(await client.NamespacePathAsync(target, cancel)).LinkTarget!);
        }

        return inodes;
    }

    private static string PodText(string name) =>
        $"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: c, image: i, ports: "
        + $"[{{containerPort: 80}}]}}]}}\n";
}
