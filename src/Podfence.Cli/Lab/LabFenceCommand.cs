using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>
/// The command line of a node's fence process, which the lab daemon starts in the node's namespace. It speaks the
/// protocol of <see cref="Lab.FenceMessage"/>.
/// </summary>
internal static class LabFenceCommand
{
    public static IReadOnlyList<string> Of(
        string node,
        DataplaneKind dataplane,
        DenyAction denyAction,
        PodToNode podToNode
    ) =>
        [
            LabDaemonVerb.ThisProgram,
            "lab",
            "fence",
            "--node",
            node,
            "--dataplane",
            new EnumWord<DataplaneKind>(dataplane).ToString(),
            "--deny-action",
            new EnumWord<DenyAction>(denyAction).ToString(),
            "--pod-to-node",
            new EnumWord<PodToNode>(podToNode).ToString(),
        ];
}
