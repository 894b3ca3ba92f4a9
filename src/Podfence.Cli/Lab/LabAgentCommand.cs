using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>
/// The command line of a node's agent, which a lab with an API server starts in the node's namespace.
/// </summary>
internal static class LabAgentCommand
{
    public static IReadOnlyList<string> Of(
        string node,
        string kubeconfig,
        string socket,
        DataplaneKind dataplane,
        DenyAction denyAction,
        PodToNode podToNode
    ) =>
        [
            LabDaemonVerb.ThisProgram,
            "agent",
            "--node-name",
            node,
            "--kubeconfig",
            kubeconfig,
            "--status-socket",
            socket,
            "--metrics-bind-address",
            "127.0.0.1:9469",
            "--dataplane",
            new EnumWord<DataplaneKind>(dataplane).ToString(),
            "--deny-action",
            new EnumWord<DenyAction>(denyAction).ToString(),
            "--pod-to-node",
            new EnumWord<PodToNode>(podToNode).ToString(),
        ];
}
