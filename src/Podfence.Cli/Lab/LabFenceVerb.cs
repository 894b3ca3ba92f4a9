using System.CommandLine;
using System.Text;
using Podfence.Agent;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence lab fence</c>, hidden: the fence of one node of a lab. The lab's daemon starts it in the node's network namespace and tells it of every object
/// (<see cref="FenceMessage"/>). At the end of its input it goes and leaves the fence standing.
/// </summary>
internal static class LabFenceVerb
{
    public static Command Create()
    {
        var node = new Option<string>("--node") { Description = "Name of the node", Required = true };
        var refusal = ChoiceOption.Create("--deny-action", "How denied packets are handled", DenyAction.Reject);
        var kind = ChoiceOption.Create("--dataplane", "Packet filter backend", DataplaneKind.Nftables);
        var ownNode = ChoiceOption.Create("--pod-to-node", "Connections of pods to their own node", PodToNode.Enforce);
        var verb = new Command("fence", "Enforce policies on one node of a lab (started by the lab)") { node, kind, refusal, ownNode };
        verb.Hidden = true;
        verb.SetAction(async (parsed, cancel) =>
        {
            // Opened on this thread, in whose network namespace the daemon started the process.
            using var dataplane = Dataplanes.Open(parsed.GetValue(kind));
            var options = new RulesetOptions { DenyAction = parsed.GetValue(refusal), PodToNode = parsed.GetValue(ownNode) };
            var loop = new ReconcileLoop(
                parsed.GetRequiredValue(node), dataplane, new FenceReporter(parsed.Terminal().Output), [new BridgeCheck()], new CompilerOptions { Ruleset = options });

            // Not Console.In: its asynchronous methods block, and a loop that has failed would go unnoticed until the next line.
            using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            await RunAsync(loop, input, cancel);
            return 0;
        });
        return verb;
    }

    /// <summary>
    /// Runs the loop until its input ends. Whatever ends it else is thrown, so that the process exits with a message and another code than zero, and the daemon starts it
    /// anew: a fault of the loop, a line that is no message, a cancellation. The fence stands in each case.
    /// </summary>
    internal static async Task RunAsync(ReconcileLoop loop, TextReader input, CancellationToken cancel)
    {
        var running = Task.Run(() => loop.RunAsync(cancel), CancellationToken.None);
        var reading = ReadAsync(loop, input, cancel);
        await Task.WhenAny(running, reading);
        loop.Complete();

        // The loop first: where it has failed, that is why nothing more can be told to it. A read that still waits for a line is left to the end of the process.
        await running;
        await reading;
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
        _ => throw new CliException($"unexpected message from the lab daemon: {message.ToLine()}"),
    };

    /// <summary>Answers the daemon.</summary>
    private sealed class FenceReporter(TextWriter output) : IReconcileListener
    {
        public void Applied(AppliedChange change)
        {
        }

        public void Recovered(ReconcileStep step)
        {
        }

        public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter) =>
            Say(new FenceError($"{failure.Failure}: {failure.Message}", NeedsHelp(failure.Failure)));

        public void Closed(IReadOnlyCollection<FenceBuildFailure> faults)
        {
            foreach (var fault in faults)
            {
                Say(new FenceError($"cannot compile {string.Join(", ", fault.Policies)}: failing closed, all {fault.Direction} traffic of their pods is denied: {fault.Cause.Message}"));
            }
        }

        public void Drifted(IReadOnlyList<string> differences) => Say(new FenceError($"drift detected, restoring rules: {string.Join("; ", differences.Take(3))}"));

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
