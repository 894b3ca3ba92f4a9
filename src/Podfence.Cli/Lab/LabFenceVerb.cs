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
/// <c>podfence lab fence</c>, hidden: enforces policies on one node of a lab. The lab daemon starts it in the node's
/// network namespace and sends it every object (<see cref="FenceMessage"/>). It exits at the end of its input; its
/// rules stay in place.
/// </summary>
internal static class LabFenceVerb
{
    public static Command Create()
    {
        var node = new Option<string>("--node") { Description = "Name of the node", Required = true };
        var denyAction = EnumOption.Create("--deny-action", "How denied packets are handled", DenyAction.Reject);
        var kind = EnumOption.Create("--dataplane", "Packet filter backend", DataplaneKind.Nftables);
        var podToNode = EnumOption.Create("--pod-to-node", "Connections of pods to their own node", PodToNode.Enforce);
        var verb = new Command("fence", "Enforce policies on one node of a lab (started by the lab)")
        {
            node,
            kind,
            denyAction,
            podToNode,
        };
        verb.Hidden = true;
        verb.SetAction(
            async (parsed, cancel) =>
            {
                // Opened on this thread, which is in the network namespace that the daemon started the process in.
                using var dataplane = Dataplanes.Open(parsed.GetValue(kind));
                var options = new RulesetOptions
                {
                    DenyAction = parsed.GetValue(denyAction),
                    PodToNode = parsed.GetValue(podToNode),
                };
                var loop = new ReconcileLoop(
                    parsed.GetRequiredValue(node),
                    dataplane,
                    new FenceReporter(parsed.Terminal().Output),
                    [BridgeNetfilter.Require],
                    new CompilerOptions { Ruleset = options }
                );

                // Not Console.In: its asynchronous methods block, so that a failed loop would go unnoticed until the
                // next line.
                using var input = new StreamReader(
                    Console.OpenStandardInput(),
                    new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
                );
                await RunAsync(loop, input, cancel);
                return 0;
            }
        );
        return verb;
    }

    /// <summary>
    /// Runs the loop until its input ends. Any other end (a failure of the loop, an invalid line, a cancellation) is an
    /// exception: the process exits with a message and the daemon restarts it. The rules stay in place in each case.
    /// </summary>
    internal static async Task RunAsync(ReconcileLoop loop, TextReader input, CancellationToken cancel)
    {
        var running = Task.Run(() => loop.RunAsync(cancel), CancellationToken.None);
        var reading = ReadAsync(loop, input, cancel);
        await Task.WhenAny(running, reading);
        loop.Complete();

        // The loop first: if it failed, posting to it fails too. A read that still waits for a line ends with the
        // process.
        await running;
        await reading;
    }

    private static async Task ReadAsync(ReconcileLoop loop, TextReader input, CancellationToken cancel)
    {
        while (await input.ReadLineAsync(cancel) is { } line)
        {
            await PostAsync(loop, FenceMessage.Parse(line), cancel);
        }
    }

    private static ValueTask PostAsync(ReconcileLoop loop, FenceMessage message, CancellationToken cancel) =>
        message switch
        {
            FenceUpsert upsert => loop.PostAsync(new ObjectUpserted(upsert.Item), cancel),
            FenceRemove remove => loop.PostAsync(new ObjectRemoved(remove.Reference), cancel),
            FenceSyncPoint point => loop.PostAsync(new SyncPoint(point.Number), cancel),
            _ => throw new CliException($"unexpected message from the lab daemon: {message.ToLine()}"),
        };

    /// <summary>Reports to the daemon.</summary>
    private sealed class FenceReporter(TextWriter output) : IReconcileListener
    {
        public void Applied(AppliedChange change) { }

        public void Recovered(ReconcileStep step) { }

        public void Failed(ReconcileStep step, DataplaneException failure, TimeSpan retryAfter) =>
            Send(new FenceError($"{failure.Failure}: {failure.Message}", NeedsIntervention(failure.Failure)));

        public void FailedClosed(IReadOnlyCollection<FenceBuildFailure> faults)
        {
            foreach (var fault in faults)
            {
                Send(
                    new FenceError(
                        $"cannot compile {string.Join(", ", fault.Policies)}: failing closed, all {fault.Direction} "
                            + $"traffic of their pods is denied: {fault.Cause.Message}"
                    )
                );
            }
        }

        public void Drifted(IReadOnlyList<string> differences) =>
            Send(new FenceError($"drift detected, restoring rules: {string.Join("; ", differences.Take(3))}"));

        public void Reached(SyncPoint point) => Send(new FenceApplied(point.Number));

        // These depend on the machine and its settings; other failures are transient.
        private static bool NeedsIntervention(DataplaneFailure failure) =>
            failure
                is DataplaneFailure.BridgeNetfilterOff
                    or DataplaneFailure.NotPermitted
                    or DataplaneFailure.NotSupported;

        private void Send(FenceMessage message)
        {
            output.WriteLine(message.ToLine());
            output.Flush();
        }
    }
}
