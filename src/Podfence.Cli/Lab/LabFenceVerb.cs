using System.CommandLine;
using Podfence.Agent;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Policy;
using Podfence.Rules;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence lab fence</c>, hidden: the fence of one node of a lab. The lab's daemon starts it in the node's network namespace and tells it of every object
/// (<see cref="FenceMessage"/>). At the end of its input it goes and leaves the fence standing.
/// </summary>
internal static class LabFenceVerb
{
    public static Command Create()
    {
        var node = new Option<string>("--node") { Description = "The node whose pods are fenced", Required = true };
        var refusal = ChoiceOption.Create("--refusal", "What becomes of refused packets", Refusal.Reject);
        var ownNode = ChoiceOption.Create("--own-node-egress", "Connections of pods to their own node", OwnNodeEgress.Fence);
        var verb = new Command("fence", "Fence one node of a lab (started by the lab)") { node, refusal, ownNode };
        verb.Hidden = true;
        verb.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(node),
            new RulesetOptions { Refusal = parsed.GetValue(refusal), OwnNodeEgress = parsed.GetValue(ownNode) },
            cancel));
        return verb;
    }

    private static async Task<int> RunAsync(string node, RulesetOptions options, CancellationToken cancel)
    {
        // Opened on this thread, in whose network namespace the daemon started the process.
        using var dataplane = new NftablesDataplane(NetlinkKernel.Open());
        var loop = new ReconcileLoop(node, dataplane, new Narrator(Console.Out), [new BridgeCheck()], new CompilerOptions { Ruleset = options });
        var running = Task.Run(() => loop.RunAsync(cancel), cancel);
        await Task.WhenAny(running, ReadAsync(loop, Console.In, cancel));
        loop.Complete();
        await running;
        return 0;
    }

    private static async Task ReadAsync(ReconcileLoop loop, TextReader input, CancellationToken cancel)
    {
        while (await input.ReadLineAsync(cancel) is { } line)
        {
            await loop.PostAsync(EventOf(FenceMessage.Parse(line)), cancel);
        }
    }

    private static ClusterEvent EventOf(FenceMessage message) => message switch
    {
        FenceUpsert upsert => new ObjectUpserted(upsert.Item),
        FenceRemove remove => new ObjectRemoved(remove.Reference),
        FenceBarrier barrier => new Agent.Barrier(barrier.Number),
        _ => throw new CliException($"a fence is not told {message.ToLine()}"),
    };

    /// <summary>Answers the daemon.</summary>
    private sealed class Narrator(TextWriter output) : IReconcileListener
    {
        public void Applied(AppliedChange change)
        {
        }

        public void Failed(DataplaneException failure, TimeSpan retryAfter) =>
            Say(new FenceError($"{failure.Failure}: {failure.Message}", NeedsHelp(failure.Failure)));

        public void Drifted(IReadOnlyList<string> differences) => Say(new FenceError($"somebody changed the rules, which are being put back: {string.Join("; ", differences.Take(3))}"));

        public void Reached(long barrier) => Say(new FenceApplied(barrier));

        // These are of the machine and its settings; the others come and go with what else happens in the kernel.
        private static bool NeedsHelp(DataplaneFailure failure) =>
            failure is DataplaneFailure.BridgeNetfilterOff or DataplaneFailure.NotPermitted or DataplaneFailure.NotSupported;

        private void Say(FenceMessage message)
        {
            output.WriteLine(message.ToLine());
            output.Flush();
        }
    }
}
