using System.CommandLine;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary><c>podfence render</c>: what a node's kernel is given, as the plain tools read it.</summary>
internal static class RenderVerb
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var node = new Option<string?>("--node") { Description = "The node whose rules are printed; the cluster's only one by default", HelpName = "NAME" };
        var pod = new Option<string?>("--pod") { Description = "Print only what packets of this pod can meet: its fences, and what leads there", HelpName = "[NAMESPACE/]NAME" };
        var dataplane = ChoiceOption.Create(
            "--dataplane", "What fences are made of", DataplaneKind.Nftables, [DataplaneKind.Nftables, DataplaneKind.Iptables, DataplaneKind.IptablesNft, DataplaneKind.IptablesLegacy]);
        var format = ChoiceOption.Create("--output", "A script to load, the same with the line of the policy over each rule, or JSON", RenderFormat.Script, "-o");
        var part = ChoiceOption.CreateOptional<RenderPart>("--part", "With iptables: the input of one program alone, ipset restore or one of the two iptables-restore --noflush");
        var invent = new Option<bool>("--invent") { Description = "Give addresses to pods that have none, and a node to pods that are on none: for manifests from before a deployment" };
        var refusal = ChoiceOption.Create("--deny-action", "What becomes of packets that no rule allows, as the agent is told", DenyAction.Reject);
        var ownNode = ChoiceOption.Create("--pod-to-node", "Connections of pods to their own node, as the agent is told", PodToNode.Enforce);
        var startUp = ChoiceOption.Create("--unknown-pod-ips", "Addresses that no known pod owns, as the agent is told", UnknownPodIps.Allow);
        var verb = new Command("render", "Print the rules that a node's kernel is given, as nft, iptables-restore and ipset read them, or explained line by line");
        cluster.AddTo(verb);
        foreach (var option in (Option[])[node, pod, dataplane, format, part, invent, refusal, ownNode, startUp])
        {
            verb.Add(option);
        }

        verb.SetAction(async (parsed, cancel) =>
        {
            var question = new RenderQuestion(parsed.GetValue(node), parsed.GetValue(pod) is { } name ? RenderQuestion.Key(name, cluster.NamespaceOf(parsed)) : null, parsed.GetValue(invent))
            {
                Dataplane = parsed.GetValue(dataplane),
                Format = parsed.GetValue(format),
                Part = parsed.GetValue(part)?.Value,
                Compiler = new CompilerOptions { Ruleset = new() { DenyAction = parsed.GetValue(refusal), PodToNode = parsed.GetValue(ownNode), UnknownPodIps = parsed.GetValue(startUp) } },
            };
            question.Check();
            var rendered = question.Compile(await cluster.ReadAsync(parsed, cancel));
            await parsed.Terminal().Output.WriteAsync(question.Write(rendered));
            return ExitCodes.Good;
        });
        return verb.WithExamples(
            ("What a node's kernel is given, as 'nft -f' loads it", "podfence render -f manifests/ --node worker-1"),
            ("The same of the live cluster, to compare it with what is there", "podfence render --node worker-1 --dataplane iptables -o json"),
            ("The same in the article's design: ipset, iptables and ip6tables, run by a shell", "podfence render -f manifests/ --node worker-1 --dataplane iptables | sh"),
            ("One program's input alone", "podfence render -f manifests/ --node worker-1 --dataplane iptables --part ipset | ipset restore"),
            ("One pod's fences, each rule under the line of the policy that it comes from", "podfence render -f manifests/ --pod shop/db -o explain"),
            ("For manifests that are not deployed yet", "podfence render -f manifests/ --pod shop/db -o explain --invent"));
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
