using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Podfence.Dataplane.Iptables;

namespace Podfence.Dataplane.Tests;

public sealed class ToolRunnerTests
{
    [Fact]
    public void Run_MoreThanAPipeHoldsEachWay_NothingIsLost()
    {
        var text = new string('x', 1 << 21);

        var result = new ToolRunner(new CurrentNamespace()).Run("cat", [], text);

        Assert.Equal((0, text, ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public void Run_ProgramThatDoesNotRead_ItsCodeIsTold()
    {
        var result = new ToolRunner(new CurrentNamespace()).Run("false", [], new string('x', 1 << 21));

        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void Run_Environment_IsTheCLocale() =>
        Assert.Equal(
            "LC_ALL=C",
            new ToolRunner(new CurrentNamespace())
                .Run("env", [], "")
                .Output.Split('\n')
                .Order()
                .First(static line => line.StartsWith("LC", StringComparison.Ordinal))
        );

    [Fact]
    public void Run_NotInstalled_SaysWhatToInstall()
    {
        var failure = Assert.Throws<DataplaneException>(() =>
            new ToolRunner(new CurrentNamespace()).Run("iptables-of-tomorrow", [], "")
        );

        Assert.Equal(DataplaneFailure.NotSupported, failure.Failure);
        Assert.Contains("apt-get install iptables ipset", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ProgramThatDoesNotEnd_IsEnded()
    {
        var time = new FakeTimeProvider();
        var place = new WatchedPlace();
        var running = Task.Run(
            () => new ToolRunner(place, time).Run("sleep", ["1000"], ""),
            TestContext.Current.CancellationToken
        );
        var process = await place.Started.Task;
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAsync<DataplaneException>(() => running);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(process));
    }

    private sealed class WatchedPlace : INetworkNamespace
    {
        public TaskCompletionSource<int> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Process Start(ProcessStartInfo info)
        {
            var process = Process.Start(info)!;
            Started.SetResult(process.Id);
            return process;
        }

        public T Run<T>(Func<T> work) => work();
    }
}
