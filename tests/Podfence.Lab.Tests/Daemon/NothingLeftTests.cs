using System.Diagnostics;
using Podfence.Manifests;
using Podfence.Model;
using static Podfence.Lab.Tests.Samples;

namespace Podfence.Lab.Tests;

/// <summary>However a lab ends, nothing of it is left.</summary>
public sealed class NothingLeftTests
{
    /// <summary>
    /// Set in the process that <see cref="Kill_OfTheHolder_LeavesNothing"/> starts: where to write what it holds.
    /// </summary>
    private const string HolderFile = "PODFENCE_TEST_HOLDER_FILE";

    private static readonly PodKey s_x = new("a", "x");

    [Fact]
    public async Task Dispose_OfALab_LeavesNothing()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var interfaces = KernelTraces.OwnInterfaces();
        var cluster = await StartAsync(cancel);
        var held = cluster.Network.Namespaces.Select(home => home.Inode).ToList();
        using var stranger = cluster
            .Network.Pod(s_x)
            .Start(new ProcessStartInfo("/bin/sleep") { ArgumentList = { "600" } });
        var fences = cluster.Fences.Select(fence => fence.ProcessId!.Value).ToList();
        Assert.Equal(interfaces, KernelTraces.OwnInterfaces());

        await cluster.DisposeAsync();

        await stranger.WaitForExitAsync(cancel);
        await AssertGoneAsync(held, fences, cancel);
    }

    [Fact]
    public async Task Kill_OfTheHolder_LeavesNothing()
    {
        RequireRoot();
        var cancel = TestContext.Current.CancellationToken;
        var interfaces = KernelTraces.OwnInterfaces();
        var file = Path.GetTempFileName();
        var info = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        foreach (
            var argument in (string[])
                ["--explicit", "only", "--filter-method", $"*{nameof(Holder_WhenAsked_HoldsALab)}", "--no-progress"]
        )
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment[HolderFile] = file;
        using var holder = Process.Start(info)!;
        var output = holder.StandardOutput.ReadToEndAsync(cancel);
        string[] lines;
        while ((lines = await File.ReadAllLinesAsync(file, cancel)) is not [.., "up"])
        {
            Assert.False(holder.HasExited, holder.HasExited ? await output : "");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        }

        var held = lines.Where(line => line.StartsWith("net:", StringComparison.Ordinal)).ToList();
        var fences = lines.Where(line => char.IsAsciiDigit(line[0])).Select(int.Parse).ToList();
        Assert.Equal(5, held.Count);
        Assert.Equal(2, fences.Count);
        Assert.Subset(KernelTraces.NamespacesInUse(), held.ToHashSet());

        holder.Kill();

        await holder.WaitForExitAsync(cancel);
        await AssertGoneAsync(held, fences, cancel);
        Assert.Equal(interfaces, KernelTraces.OwnInterfaces());
        File.Delete(file);
    }

    /// <summary>
    /// Not a test of its own: the process that is killed. It is explicit, so that no other run counts it.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Holder_WhenAsked_HoldsALab()
    {
        var file = Environment.GetEnvironmentVariable(HolderFile);
        var cancel = TestContext.Current.CancellationToken;
        await using var cluster = await StartAsync(cancel);
        IEnumerable<string> held =
        [
            .. cluster.Network.Namespaces.Select(home => home.Inode),
            .. cluster.Fences.Select(fence => $"{fence.ProcessId}"),
            "up",
        ];
        await File.WriteAllLinesAsync(file!, held, cancel);
        await Task.Delay(TimeSpan.FromMinutes(2), TimeProvider.System, cancel);
    }

    private static Task<LabCluster> StartAsync(CancellationToken cancel)
    {
        var manifests = new ObjectSet
        {
            Objects = [ClusterObject.Of(Pod("a/x"))],
            Diagnostics = [],
            IgnoredKinds = new Dictionary<string, int>(),
            ImpliedNamespaces = [],
        };
        return LabCluster.StartAsync(
            manifests,
            new LabClusterOptions { FenceCommand = _ => FakeFence.Willing },
            null,
            cancel
        );
    }

    /// <summary>The kernel and init take a moment to clear up after a killed process.</summary>
    private static async Task AssertGoneAsync(List<string> inodes, List<int> processes, CancellationToken cancel)
    {
        for (var i = 0; i < 200 && (KernelTraces.NamespacesInUse().Overlaps(inodes) || processes.Exists(IsAlive)); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        }

        Assert.Empty(inodes.Intersect(KernelTraces.NamespacesInUse()));
        Assert.DoesNotContain(processes, IsAlive);
    }

    private static bool IsAlive(int process) =>
        Directory.Exists($"/proc/{process}")
        && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
}
