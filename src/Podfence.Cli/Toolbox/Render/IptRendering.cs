using System.Text;
using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>
/// A node's rules as input of ipset and iptables: the scripts that the dataplane runs on a node without Podfence rules.
/// </summary>
internal static class IptRendering
{
    // No line of a script is this word alone.
    private const string End = "PODFENCE-END";

    private static readonly string[] s_reading =
    [
        "How to read it: one jump in FORWARD, INPUT and OUTPUT leads to the chains of Podfence. Packets of "
            + "established connections return at once. The sets PODFENCE-EGRESS and",
        "PODFENCE-INGRESS hold the fenced pods, whose packets go to their fence, PODFENCE-F...; from there to the "
            + "chains of its policies, PODFENCE-P... What a policy allows returns, out of",
        "the whole fence; what none allows ends in PODFENCE-DENY. Above each rule is the policy line that it "
            + "comes from. docs/design/iptables.md walks through an example.",
    ];

    public static string Write(RenderQuestion question, RenderedNode node)
    {
        var whole = IptLowering.Lower(node.Ruleset);
        var rules = node.Addresses is { } addresses ? IptPodSlice.Of(whole, addresses) : whole;
        var notes = new RenderNotes(node);
        if (question.Format == RenderFormat.Json)
        {
            return RenderJson.Write(question, node, writer => RenderJson.Write(writer, rules, notes));
        }

        var loading = IptLoading.Of(rules);
        var explains = question.Format == RenderFormat.Explain;
        var header = notes.Header(
            question.Part is { } one
                ? $"Input of {Program(question.Dataplane, one)}, for a node without Podfence rules; run ipset first."
                : "For a shell, on a node without Podfence rules ('podfence cleanup' removes them): it runs ipset "
                    + "restore, then iptables-restore and ip6tables-restore."
        );
        var text = new StringBuilder(question.Part is null ? "#!/bin/sh\n" : "");
        foreach (var line in explains ? header.Concat(s_reading) : header)
        {
            text.Append(CommentLine.Of(line)).Append('\n');
        }

        text.Append(question.Part is null ? "set -e\n" : "");
        foreach (var part in question.Part is { } only ? [only] : Enum.GetValues<RenderPart>())
        {
            text.Append(question.Part is null ? $"\n{Program(question.Dataplane, part)} <<'{End}'\n" : "");
            Append(text, Script(loading, part), explains ? Explain(node, rules, notes, part) : static _ => []);
            text.Append(question.Part is null ? $"{End}\n" : "");
        }

        return text.ToString();
    }

    private static string Script(IptLoading loading, RenderPart part) =>
        part switch
        {
            RenderPart.Ipset => loading.Ipset.ToString(),
            RenderPart.Iptables => loading.Tables[IpFamily.IPv4].ToString(),
            _ => loading.Tables[IpFamily.IPv6].ToString(),
        };

    private static string Program(DataplaneKind kind, RenderPart part)
    {
        var family = part == RenderPart.Iptables ? IpFamily.IPv4 : IpFamily.IPv6;
        return part == RenderPart.Ipset
            ? "ipset restore"
            : kind switch
            {
                DataplaneKind.IptablesNft => IptablesVariants.Program(IptablesVariant.Nft, family, "restore"),
                DataplaneKind.IptablesLegacy => IptablesVariants.Program(IptablesVariant.Legacy, family, "restore"),
                _ => family == IpFamily.IPv4 ? "iptables-restore" : "ip6tables-restore",
            } + " --noflush -w 20";
    }

    private static void Append(StringBuilder text, string script, Func<string, IEnumerable<string>> explain)
    {
        foreach (var line in script.AsSpan().TrimEnd('\n').EnumerateLines())
        {
            var words = line.ToString();
            foreach (var note in explain(words))
            {
                text.Append(CommentLine.Of(note)).Append('\n');
            }

            text.Append(words).Append('\n');
        }
    }

    /// <summary>The comments above a line of a script.</summary>
    private static Func<string, IEnumerable<string>> Explain(
        RenderedNode node,
        IptRuleset rules,
        RenderNotes notes,
        RenderPart part
    )
    {
        var known = new Dictionary<string, IEnumerable<string>>();
        if (part == RenderPart.Ipset)
        {
            var peers = node.Ruleset.Sets.Keys.ToDictionary(
                static id => IptNames.PeerSet(id),
                static id => id.Description ?? "addresses"
            );
            return line =>
                line.Split(' ', 4) switch
                {
                    ["create", var set, ..] when peers.TryGetValue(set, out var description) =>
                    [
                        $"Peers: {description}.",
                    ],
                    // Elements of fences have their pod in a comment of their own.
                    ["add", var set, var element, ..]
                        when rules.Sets[set].Set.Type is IptSetType.Addresses or IptSetType.Endpoints
                            && notes.Owner(IpAddress.Parse(element.Split(',')[0])) is { } owner => [owner],
                    _ => [],
                };
        }

        var family = part == RenderPart.Iptables ? IpFamily.IPv4 : IpFamily.IPv6;
        foreach (var chain in rules.Chains[family].Values)
        {
            if (rules.Sets.TryGetValue(IptNames.MemberSet(chain.Name, family), out var members))
            {
                known[$":{chain.Name} - [0:0]"] =
                [
                    $"The fence of "
                        + $"{RenderNotes.List(members.Elements.Order().Select(static member => $"{member.Comment} ({member.Key})"))}.",
                ];
            }

            foreach (var rule in chain.Rules)
            {
                known.TryAdd($"-A {chain.Name} {rule.Lines(SetView.Plain).Single()}", notes.Comments(rule));
            }
        }

        return line => known.GetValueOrDefault(line, []);
    }
}
