using System.Runtime.InteropServices;

namespace Podfence.ClusterTests;

/// <summary>
/// Agents whose clock is set while they run, by more than a year in either direction. libfaketime stands between them
/// and the kernel's clock, as nobody may set this machine's.
/// </summary>
[Collection(BusyMachine.Name)]
public sealed class ClockTests
{
    private static readonly string s_library =
        $"/usr/lib/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu/faketime/libfaketimeMT.so.1";

    [Fact]
    public async Task Clock_SetForwardAndBack_ChangesAreAppliedAndRulesStay()
    {
        LiveCluster.Require();
        Assert.SkipUnless(File.Exists(s_library), "needs libfaketime (Debian package libfaketime)");
        var folder = Directory.CreateTempSubdirectory("podfence-clock-").FullName;
        var clock = Path.Combine(folder, "clock");
        Set(clock, 0);
        string[] wrapper =
        [
            "/usr/bin/env",
            $"LD_PRELOAD={s_library}",
            $"FAKETIME_TIMESTAMP_FILE={clock}",
            "FAKETIME_NO_CACHE=1",
            // What no clock of Linux does, it is not made to do.
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ];
        await using (
            var cluster = await LiveCluster.StartAsync(
                LiveCluster.Read(Town.Yaml(namespaces: 1) + Town.Guard),
                wrapper: wrapper
            )
        )
        {
            await using var sentinel = new Sentinel(cluster, "s1/web-0", "s1/api-0", "s1/db-0");
            var open = true;
            foreach (var days in (int[])[400, -400, 0])
            {
                Set(clock, days);
                open = !open;
                await cluster.KubectlAsync(Town.Web(open), "apply", "-f", "-");
                await cluster.UntilAsync("s1/api-1", "s1/web-1", 8080, passes: open);
            }

            var (differences, flows) = await cluster.CompareAsync();
            await sentinel.EndAsync();
            Assert.True(differences.Count == 0, string.Join('\n', differences.Take(10)));
            Assert.True(flows > 50, $"only {flows} flows");
        }

        Directory.Delete(folder, recursive: true);
    }

    // Read whole at each look at the clock, so replaced whole.
    private static void Set(string clock, int days)
    {
        File.WriteAllText(clock + ".new", $"{days:+0;-0;+0}d\n");
        File.Move(clock + ".new", clock, overwrite: true);
    }
}
