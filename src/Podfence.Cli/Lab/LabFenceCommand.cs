using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>The command line of a node's fence, which a lab's daemon starts in the node's namespace. The protocol is that of <see cref="Lab.FenceMessage"/>.</summary>
internal static class LabFenceCommand
{
    public static IReadOnlyList<string> Of(string node, DataplaneKind dataplane, DenyAction refusal, PodToNode ownNode) =>
    [
        LabDaemonVerb.ThisProgram, "lab", "fence", "--node", node, "--dataplane", new Choice<DataplaneKind>(dataplane).ToString(),
        "--deny-action", new Choice<DenyAction>(refusal).ToString(), "--pod-to-node", new Choice<PodToNode>(ownNode).ToString(),
    ];
}
