using System.CommandLine;
using Podfence.Dataplane;

namespace Podfence.Cli;

/// <summary><c>podfence cleanup</c>: takes everything of ours out of this node's kernel.</summary>
internal static class CleanupVerb
{
    public static Command Create()
    {
        var verb = new Command("cleanup", "Remove every rule of Podfence from this node's kernel, whichever dataplane made it: its pods are open afterwards");
        verb.SetAction(static parsed =>
        {
            Dataplanes.Cleanup();
            parsed.Terminal().Output.WriteLine("removed: what nftables, iptables, ip6tables and ipset had of Podfence");
        });
        return verb.WithExamples(("After Podfence was uninstalled", "podfence cleanup"));
    }
}
