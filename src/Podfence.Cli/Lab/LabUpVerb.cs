using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab up</c>: starts a lab and leaves it running.</summary>
internal static class LabUpVerb
{
    public static Command Create()
    {
        var options = new LabDaemonOptionSet();
        var verb = new Command(
            "up",
            "Start a cluster from manifests; returns when all pods are up and all rules are in place"
        );
        options.AddTo(verb);
        verb.SetAction(
            (parsed, cancel) => RunAsync(options.Read(parsed), options.Write(parsed), parsed.Terminal(), cancel)
        );
        return verb.WithExamples(
            ("A cluster that follows the manifests of a directory", "podfence lab up -f manifests/"),
            ("With a real API server, to use with kubectl", "podfence lab up -f manifests/ --api-server"),
            ("A second lab, with routed pod links", "podfence lab up -f manifests/ --pod-network routed --name second")
        );
    }

    private static async Task<int> RunAsync(
        LabDaemonOptions options,
        IReadOnlyList<string> arguments,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        // Errors in manifests are reported before a process is started. Standard input can be read only once, by the
        // daemon.
        var passInput = options.Paths.Contains("-");
        if (!passInput)
        {
            LabVerb.Read([.. options.Paths]);
        }

        var start = TimeProvider.System.GetTimestamp();
        var status = await DaemonLauncher.StartAsync(
            [LabDaemonVerb.ThisProgram, .. arguments],
            passInput,
            LabVerb.Progress(terminal),
            cancel
        );
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var fenced = status.IsFenced ? "fenced" : "not fenced";
        await terminal.Output.WriteLineAsync(
            $"lab {status.Name} is up ({seconds:0.0} s): "
                + $"{status.Nodes.Count} nodes, {status.Pods.Count} pods, {fenced}"
        );
        if (status.Kubeconfig is { } kubeconfig)
        {
            await terminal.Output.WriteLineAsync($"API server: export KUBECONFIG={kubeconfig}");
        }

        return 0;
    }
}
