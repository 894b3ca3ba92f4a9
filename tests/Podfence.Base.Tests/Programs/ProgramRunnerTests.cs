using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Podfence.Base.Tests;

public sealed class ProgramRunnerTests
{
    [Fact]
    public async Task RunAsync_MoreThanAPipeHoldsEachWay_NothingIsLost()
    {
        var text = new string('x', 1 << 21);

        var result = await RunAsync(new ProgramRequest("/bin/cat", []) { Input = Encoding.UTF8.GetBytes(text) });

        Assert.Equal((0, text, ""), (result.ExitCode, result.OutputText, result.ErrorText));
    }

    [Fact]
    public async Task RunAsync_ProgramThatDoesNotReadItsInput_ReturnsItsExitCode() =>
        Assert.Equal(1, (await RunAsync(new ProgramRequest("/bin/false", []) { Input = new byte[1 << 21] })).ExitCode);

    [Fact]
    public async Task RunAsync_WithoutInheriting_HasOnlyTheRequestedEnvironment() =>
        Assert.Equal(
            "A=b\n",
            (
                await RunAsync(new ProgramRequest("/usr/bin/env", []) { Environment = [KeyValuePair.Create("A", "b")] })
            ).OutputText
        );

    [Fact]
    public async Task RunAsync_TooMuchOutput_IsKilled()
    {
        var failure = await Assert.ThrowsAsync<ProgramException>(() =>
            RunAsync(new ProgramRequest("/usr/bin/yes", []) { MaxOutputBytes = 1 << 20 })
        );

        Assert.Equal(ProgramFailure.TooMuchOutput, failure.Failure);
    }

    [Fact]
    public async Task RunAsync_FileThatCannotBeStarted_ReportsTheReason()
    {
        var failure = await Assert.ThrowsAsync<ProgramException>(() =>
            RunAsync(new ProgramRequest("/no/such/program", []))
        );

        Assert.Equal(ProgramFailure.CannotStart, failure.Failure);
    }

    [Fact]
    public async Task RunAsync_LongerThanItsTimeout_IsKilled()
    {
        var time = new FakeTimeProvider();
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = new ProgramRequest("/bin/sleep", ["1000"])
        {
            Start = info =>
            {
                var process = ProgramStarter.Start(info);
                started.SetResult(process.Id);
                return process;
            },
        };
        var running = ProgramRunner.RunAsync(request, time, TestContext.Current.CancellationToken);
        var id = await started.Task;

        time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(ProgramFailure.TimedOut, (await Assert.ThrowsAsync<ProgramException>(() => running)).Failure);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }

    [Theory]
    [InlineData("cat")]
    [InlineData("./cat")]
    public void Start_NameWithoutItsFolder_Throws(string program) =>
        Assert.Throws<ArgumentException>(() => ProgramStarter.Start(new ProcessStartInfo(program)));

    private static Task<ProgramResult> RunAsync(ProgramRequest request) =>
        ProgramRunner.RunAsync(request, TimeProvider.System, TestContext.Current.CancellationToken);
}
