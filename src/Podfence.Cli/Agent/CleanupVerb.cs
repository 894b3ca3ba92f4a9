using System.CommandLine;
using Podfence.Dataplane;

namespace Podfence.Cli;

/// <summary><c>podfence cleanup</c>: removes everything of Podfence from this node's kernel.</summary>
internal static class CleanupVerb
{
    public static Command Create()
    {
        var verb = new Command(
            "cleanup",
            "Remove all Podfence rules from this node's kernel, of every dataplane; policies are not enforced "
                + "afterwards"
        );
        verb.SetAction(static parsed =>
        {
            Dataplanes.Cleanup();
            parsed
                .Terminal()
                .Output.WriteLine("removed all Podfence objects from nftables, iptables, ip6tables and ipset");
        });
        return verb.WithExamples(("After uninstalling Podfence", "podfence cleanup"));
    }
}
