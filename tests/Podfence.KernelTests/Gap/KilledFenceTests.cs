using System.Diagnostics;
using Podfence.Cli;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>The fence outlives the process that keeps it, and the next process takes it over without a gap.</summary>
[Collection(Serial.Name)]
public sealed class KilledFenceTests
{
    private const int Kills = 50;
    private const int KillsOfOthers = 10;
    private const int ChangesPerRound = 40;

    [Theory]
    [InlineData(DataplaneKind.Nftables, Kills)]
    [InlineData(DataplaneKind.IptablesNft, KillsOfOthers)]
    [InlineData(DataplaneKind.IptablesLegacy, KillsOfOthers)]
    public async Task ManyKills_FlowsThatStayAsTheyAre_NeverNoticed(DataplaneKind kind, int kills)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var made = GapCase.Make(Cases.FirstSeed(41), kills / 2 * ChangesPerRound, new LabNetworkOptions());
        await using var network = await LabNetwork.CreateAsync(made.Plan, cancel);
        var children = made.Plan.Nodes.Select(node => Child(network, node.Object.Name, kind)).ToList();
        try
        {
            var state = made.Planned.ToState();
            var barrier = 0L;
            await SendAsync(children, made.Planned.Upserts(), barrier, cancel);
            await using var watch = await Watch.BeginAsync(network, made.Flows, TimeSpan.FromMilliseconds(3));
            await watch.WaitAsync(2, cancel);
            var changes = new Queue<ClusterChange>(made.ThereAndBack);
            var rng = new Rng(7);
            var begin = TimeProvider.System.GetTimestamp();
            for (var killed = 0; killed < kills; killed += children.Count)
            {
                var some = Enumerable.Range(0, ChangesPerRound).Select(_ => changes.Dequeue()).ToList();
                some.ForEach(change => change.Apply(state));
                var sent = SendAsync(children, some, ++barrier, cancel);

                // Sometimes before it has received the changes, sometimes while it works, sometimes when it is done.
                await Task.Delay(TimeSpan.FromMilliseconds(rng.Between(0, 60)), TimeProvider.System, cancel);
                await Task.WhenAll(children.Select(child => KillAsync(child, cancel)));

                // Half of the time the next one dies young as well, of the next kill.
                if (rng.Percent(50))
                {
                    await sent;
                }
            }

            await SendAsync(children, [], ++barrier, cancel);
            var took = TimeProvider.System.GetElapsedTime(begin);
            await watch.WaitAsync(2, cancel);
            var faults = await watch.EndAsync();

            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{kind}: {children.Sum(static child => child.Restarts)} restarts after {kills} kills in "
                    + $"{took.TotalSeconds:0.0} s; {watch}"
            );
            Assert.True(faults.Count == 0, string.Join("\n", faults));
            Assert.True(children.Sum(static child => child.Restarts) >= kills);
            foreach (var node in made.Plan.Nodes.Select(static node => node.Object.Name))
            {
                using var dataplane = Dataplanes.Open(kind, new LabNamespace(network.Node(node)));
                Assert.Empty(dataplane.Verify(new NodeCompiler(state, node).Snapshot()));
            }
        }
        finally
        {
            foreach (var child in children)
            {
                await child.DisposeAsync();
            }
        }
    }

    private static FenceChild Child(LabNetwork network, string node, DataplaneKind kind) =>
        new(
            node,
            network.Node(node),
            [
                Path.Combine(AppContext.BaseDirectory, "podfence"),
                "lab",
                "fence",
                "--node",
                node,
                "--dataplane",
                new EnumWord<DataplaneKind>(kind).ToString(),
            ],
            TimeProvider.System
        );

    private static Task SendAsync(
        List<FenceChild> children,
        IEnumerable<ClusterChange> changes,
        long barrier,
        CancellationToken cancel
    )
    {
        var messages = changes.Select(Messages.Of).ToList();
        return Task.WhenAll(
            children.Select(child =>
            {
                child.Send(messages, barrier);
                child.EnsureStarted();
                return child.WaitAsync(barrier, cancel);
            })
        );
    }

    /// <summary>Kills the process, and waits for the next one.</summary>
    private static async Task KillAsync(FenceChild child, CancellationToken cancel)
    {
        int? id;
        while ((id = child.ProcessId) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancel);
        }

        using (var process = Process.GetProcessById(id.Value))
        {
            process.Kill();
            await process.WaitForExitAsync(cancel);
        }

        while (child.ProcessId is not { } next || next == id)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancel);
        }
    }
}
