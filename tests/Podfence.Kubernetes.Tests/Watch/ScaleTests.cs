using System.Globalization;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>
/// A large cluster, with objects of the size of real ones. PODFENCE_SCALE_PODS says how large; the figures are written
/// out.
/// </summary>
public sealed class ScaleTests
{
    private static readonly int s_pods = int.Parse(
        Environment.GetEnvironmentVariable("PODFENCE_SCALE_PODS") ?? "5000",
        CultureInfo.InvariantCulture
    );

    [Theory]
    [InlineData(StreamedLists.Served)]
    [InlineData(StreamedLists.Refused)]
    public async Task Source_LargeCluster_IsEmittedCompletely(StreamedLists lists)
    {
        await using var server = await ApiSimulator.StartAsync(
            new ApiSimulatorOptions { StreamedLists = lists, Bulk = 4000 }
        );
        for (var i = 0; i < s_pods; i++)
        {
            server.Put(Sample.Pod($"web-{i}", $"app-{i % 100}", i % 60_000));
        }

        var began = TimeProvider.System.GetTimestamp();
        await using var source = new CountedSource(server);
        await source.Synced.WaitAsync(TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_pods} pods ({lists}): {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.00} s, "
                + $"{source.Bytes / 1e6:0.0} MB over the connection"
        );

        // Each kind has the begin and the end of its list.
        Assert.Equal(s_pods + (2 * 4), source.Told);
    }

    [Fact]
    public async Task Source_ManyChanges_AreAllEmitted()
    {
        const int Changes = 10_000;
        await using var server = await ApiSimulator.StartAsync(new ApiSimulatorOptions { Bulk = 4000 });
        for (var i = 0; i < 1000; i++)
        {
            server.Put(Sample.Pod($"web-{i}", address: i));
        }

        await using var source = new CountedSource(server);
        await source.Synced.WaitAsync(TestContext.Current.CancellationToken);
        var before = source.Told;
        var began = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < Changes; i++)
        {
            server.Put(Sample.Pod($"web-{i % 1000}", $"l{i}", address: i % 1000));
        }

        while (source.Told < before + Changes)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60),
                $"{source.Told - before} of {Changes} changes in a minute"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Changes / TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} changes a second, making them "
                + $"included"
        );
    }
}
