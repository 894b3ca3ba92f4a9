using System.CommandLine;
using Microsoft.Extensions.Logging;
using Podfence.Agent;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Kubernetes;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>
/// <c>podfence agent</c>: enforces NetworkPolicy for the pods of a node. The rules stay when it exits.
/// </summary>
internal static class AgentVerb
{
    public static Command Create()
    {
        var verb = new Command(
            "agent",
            "Run the node agent: enforce NetworkPolicy for this node's pods. Rules stay in place when it exits."
        );
        foreach (var setting in AgentSettings.All)
        {
            verb.Add(setting.Option);
        }

        verb.SetAction(
            async (parsed, stop) =>
            {
                var settings = SettingSource.Open(
                    parsed,
                    AgentSettings.All,
                    AgentSettings.Config,
                    Environment.GetEnvironmentVariable
                );
                await RunAsync(settings, stop);
                return 0;
            }
        );
        return verb.WithExamples(
            (
                "On a node, with the credentials of a kubeconfig",
                "podfence agent --node-name node-1 --kubeconfig /etc/kubernetes/podfence.conf"
            ),
            ("In a DaemonSet pod that sets PODFENCE_NODE_NAME", "podfence agent"),
            (
                "Drop denied packets without a reply; read further settings from a file",
                "podfence agent --deny-action drop --config /etc/podfence/agent.yaml"
            )
        );
    }

    private static async Task RunAsync(SettingSource settings, CancellationToken stop)
    {
        var kind = settings.Get(AgentSettings.Dataplane);
        var options = Read(settings, out var logging, out var access);
        using var logs = AgentLogging.Create(logging.Format, logging.Level);
        ClusterAccess server;
        try
        {
            server = ClusterAccess.Load(access);
        }
        catch (AccessException fault)
        {
            throw new CliException(fault.Message, fault);
        }

        // Opened on the main thread, which is in the network namespace that the process was started in.
        using var dataplane = Dataplanes.Open(kind);
        using var connections = ConnectionTable.Open();
        using var client = new KubeClient(server);
        using var agent = new NodeAgent(
            options,
            client,
            new NodeKernel(dataplane, connections, [BridgeNetfilter.Require]),
            logs.CreateLogger("podfence")
        );
        await agent.RunAsync(stop);
    }

    private static NodeAgentOptions Read(
        SettingSource settings,
        out (LogFormat Format, AgentLogLevel Level) logging,
        out AccessOptions access
    )
    {
        logging = (settings.Get(AgentSettings.LogFormat), settings.Get(AgentSettings.LogLevel));
        access = new AccessOptions
        {
            Kubeconfig = settings.Get(AgentSettings.Kubeconfig),
            Context = settings.Get(AgentSettings.Context),
        };
        var rules = new RulesetOptions
        {
            DenyAction = settings.Get(AgentSettings.DenyAction),
            PodToNode = settings.Get(AgentSettings.PodToNode),
            UnknownPodIps = settings.Get(AgentSettings.UnknownPodIps),
        };
        var options = new NodeAgentOptions
        {
            NodeName = settings.Get(AgentSettings.NodeName) ?? Environment.MachineName.ToLowerInvariant(),
            Dataplane = new EnumWord<DataplaneKind>(settings.Get(AgentSettings.Dataplane)).ToString(),
            Compiler = new CompilerOptions { Ruleset = rules },
            Reconcile = new ReconcileOptions
            {
                MinInterval = settings.Get(AgentSettings.MinInterval),
                DriftInterval = settings.Get(AgentSettings.DriftInterval),
                Connections = new ConnectionOptions { Existing = settings.Get(AgentSettings.ExistingConnections) },
            },
            Endpoints = new OperationsEndpoints(
                settings.Get(AgentSettings.Metrics),
                settings.Get(AgentSettings.Socket)
            ),
        };
        settings.ThrowIfFaulty();
        return options;
    }
}
