using System.CommandLine;
using Podfence.Dataplane.Nftables;

namespace Podfence.Cli;

/// <summary><c>podfence cleanup</c>: takes everything of ours out of this node's kernel.</summary>
internal static class CleanupVerb
{
    public static Command Create()
    {
        var verb = new Command("cleanup", "Remove every rule of Podfence from this node's kernel: its pods are open afterwards");
        verb.SetAction(parsed =>
        {
            using var dataplane = new NftablesDataplane(NetlinkKernel.Open());
            dataplane.Cleanup();
            parsed.Terminal().Output.WriteLine("removed: table inet podfence (nftables)");
        });
        return verb.WithExamples(
            ("After Podfence was uninstalled", "podfence cleanup"),
            ("In a pod of the agent, before the DaemonSet is deleted", "kubectl -n kube-system exec daemonset/podfence -- podfence cleanup"));
    }
}
