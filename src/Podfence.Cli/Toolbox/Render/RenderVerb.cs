using System.CommandLine;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary><c>podfence render</c>: the rules for a node, as nft, iptables-restore and ipset read them.</summary>
internal static class RenderVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var node = new Option<string?>("--node")
        {
            Description = "Node whose rules are printed (default: the only one)",
            HelpName = "NAME",
        };
        var pod = new Option<string?>("--pod")
        {
            Description =
                "Print only the rules that packets of this pod can reach: its fences and the dispatch to them",
            HelpName = "[NAMESPACE/]NAME",
        };
        var dataplane = EnumOption.Create(
            "--dataplane",
            "Packet filter backend",
            DataplaneKind.Nftables,
            [DataplaneKind.Nftables, DataplaneKind.Iptables, DataplaneKind.IptablesNft, DataplaneKind.IptablesLegacy]
        );
        var format = EnumOption.Create(
            "--output",
            "Output format: a script to load, the same with the policy line above each rule, or JSON",
            RenderFormat.Script,
            "-o"
        );
        var part = EnumOption.CreateOptional<RenderPart>(
            "--part",
            "With iptables: the input of one program only, ipset restore or one of the two iptables-restore --noflush"
        );
        var assignIps = new Option<bool>("--assign-ips")
        {
            Description =
                "Assign placeholder IPs to pods without an IP, and a node to pods without one: for manifests that "
                + "are not deployed yet",
        };
        var denyAction = EnumOption.Create(
            "--deny-action",
            "How denied packets are handled, as set for the agent",
            DenyAction.Reject
        );
        var podToNode = EnumOption.Create(
            "--pod-to-node",
            "Connections of pods to their own node, as set for the agent",
            PodToNode.Enforce
        );
        var unknownPodIps = EnumOption.Create(
            "--unknown-pod-ips",
            "Traffic of addresses that belong to no known pod, as set for the agent",
            UnknownPodIps.Allow
        );
        var verb = new Command(
            "render",
            "Print the nftables or iptables rules for a node, ready to load or explained line by line"
        );
        cluster.AddTo(verb);
        foreach (
            var option in (Option[])
                [node, pod, dataplane, format, part, assignIps, denyAction, podToNode, unknownPodIps]
        )
        {
            verb.Add(option);
        }

        verb.SetAction(
            async (parsed, cancel) =>
            {
                var question = new RenderQuestion(
                    parsed.GetValue(node),
                    parsed.GetValue(pod) is { } name ? RenderQuestion.Key(name, cluster.NamespaceOf(parsed)) : null,
                    parsed.GetValue(assignIps)
                )
                {
                    Dataplane = parsed.GetValue(dataplane),
                    Format = parsed.GetValue(format),
                    Part = parsed.GetValue(part)?.Value,
                    Compiler = new CompilerOptions
                    {
                        Ruleset = new()
                        {
                            DenyAction = parsed.GetValue(denyAction),
                            PodToNode = parsed.GetValue(podToNode),
                            UnknownPodIps = parsed.GetValue(unknownPodIps),
                        },
                    },
                };
                question.Check();
                var rendered = question.Compile(await cluster.ReadAsync(parsed, cancel));
                await parsed.Terminal().Output.WriteAsync(question.Write(rendered));
                return ExitCodes.Success;
            }
        );
        return verb.WithExamples(
            ("The rules for a node, as 'nft -f' loads them", "podfence render -f manifests/ --node worker-1"),
            (
                "The same for the live cluster, to compare with the rules in the kernel",
                "podfence render --node worker-1 --dataplane iptables -o json"
            ),
            (
                "The same with ipset, iptables and ip6tables, as a shell script",
                "podfence render -f manifests/ --node worker-1 --dataplane iptables | sh"
            ),
            (
                "The input of one program only",
                "podfence render -f manifests/ --node worker-1 --dataplane iptables --part ipset | ipset restore"
            ),
            (
                "The fences of one pod, with the policy line above each rule",
                "podfence render -f manifests/ --pod shop/db -o explain"
            ),
            (
                "For manifests that are not deployed yet",
                "podfence render -f manifests/ --pod shop/db -o explain --assign-ips"
            )
        );
    }
}

/// <summary>How rules are printed.</summary>
internal enum RenderFormat
{
    /// <summary>For the plain tools.</summary>
    Script,

    /// <summary>The same, with comments.</summary>
    Explain,

    /// <summary>For programs.</summary>
    Json,
}

/// <summary>One program's input.</summary>
internal enum RenderPart
{
    /// <summary><c>ipset restore</c></summary>
    Ipset,

    /// <summary><c>iptables-restore --noflush</c></summary>
    Iptables,

    /// <summary><c>ip6tables-restore --noflush</c></summary>
    Ip6tables,
}
