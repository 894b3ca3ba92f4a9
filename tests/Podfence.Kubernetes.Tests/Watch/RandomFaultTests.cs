using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>All that can go wrong, in random order, while the cluster changes.</summary>
public sealed class RandomFaultTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Source_RandomFaults_EndsWithTheServersState(int seed)
    {
        var rng = new Rng(seed);
        await using var simulated = await SimulatedSource.StartAsync((StreamedLists)(seed % 2), server =>
            Sample.Fill(server, 600)
        );
        var snapshot = simulated.Server.Snapshot();
        for (var round = 0; round < 60; round++)
        {
            for (var i = rng.Between(0, 20); i > 0; i--)
            {
                Change(simulated.Server, rng);
            }

            switch (rng.Weighted(6, 4, 2, 2, 2, 2, 1, 1))
            {
                case 1:
                    simulated.Server.Cut();
                    break;
                case 2:
                    simulated.Server.Compact();
                    break;
                case 3:
                    (simulated.Server.Faults.CutEvents, simulated.Server.Faults.CutPages) = (
                        rng.Below(4),
                        rng.Below(3)
                    );
                    break;
                case 4:
                    simulated.Server.Faults.DenyAction = rng.Pick(0, 429, 500, 503);
                    break;
                case 5:
                    simulated.Server.Faults.Duplicates = rng.Percent(50);
                    simulated.Server.Faults.ForgottenPages = rng.Below(2);
                    break;
                case 6:
                    snapshot = simulated.Server.Snapshot();
                    break;
                case 7:
                    simulated.Server.Faults.DenyAction = 0;
                    simulated.Server.Restore(snapshot);

                    // Versions that are given a second time are told apart by those alone who notice that they were
                    // taken back.
                    (
                        simulated.Server.Faults.CutEvents,
                        simulated.Server.Faults.CutPages,
                        simulated.Server.Faults.ForgottenPages
                    ) = (0, 0, 0);
                    await simulated.SettleAsync(TimeSpan.FromMilliseconds(100));
                    break;
            }

            simulated.Time.Advance(TimeSpan.FromMilliseconds(rng.Between(0, 3000)));
            await Task.Delay(
                TimeSpan.FromMilliseconds(rng.Between(0, 10)),
                TimeProvider.System,
                TestContext.Current.CancellationToken
            );
        }

        (
            simulated.Server.Faults.DenyAction,
            simulated.Server.Faults.CutEvents,
            simulated.Server.Faults.CutPages,
            simulated.Server.Faults.ForgottenPages
        ) = (0, 0, 0, 0);
        await simulated.SettleAsync(TimeSpan.FromMilliseconds(100));
        simulated.CheckRemovals();
    }

    private static void Change(ApiSimulator server, Rng rng)
    {
        var number = rng.Below(60);
        switch (rng.Weighted(6, 3, 1, 1))
        {
            case 0:
                server.Put(Sample.Pod($"web-{number}", $"l{rng.Below(9)}", number));
                break;
            case 1:
                server.Remove(Sample.PodNamed($"web-{number}"));
                break;
            case 2:
                server.Put(Sample.Policy($"p{rng.Below(5)}", $"l{rng.Below(9)}"));
                break;
            default:
                server.Put(Sample.Node($"n{rng.Below(5)}"));
                break;
        }
    }
}
