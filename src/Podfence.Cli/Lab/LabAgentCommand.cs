using Podfence.Dataplane;
using Podfence.Rules;

namespace Podfence.Cli;

/// <summary>The command line of a node's agent, which a lab with an API server starts in the node's namespace.</summary>
internal static class LabAgentCommand
{
    public static IReadOnlyList<string> Of(string node, string kubeconfig, string socket, DataplaneKind dataplane, Refusal refusal, OwnNodeEgress ownNode) =>
    [
        LabDaemonVerb.ThisProgram, "agent", "--node-name", node, "--kubeconfig", kubeconfig, "--status-socket", socket, "--metrics-bind-address", "127.0.0.1:9469",
        "--dataplane", new Choice<DataplaneKind>(dataplane).ToString(),
        "--refusal", new Choice<Refusal>(refusal).ToString(), "--own-node-egress", new Choice<OwnNodeEgress>(ownNode).ToString(),
    ];
}
