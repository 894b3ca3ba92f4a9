using System.Text;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Cli;

/// <summary>A node's rules in nft's language: the objects that the dataplane sends over netlink, printed.</summary>
internal static class NftRendering
{
    private static readonly string[] s_reading =
    [
        "How to read it: packets enter at the chains forward and input (input: for the node itself). Packets of "
            + "established connections pass. The maps egress-* and",
        "ingress-* dispatch packets from and to fenced pods to their fences. A fence returns what a policy "
            + "allows, and the packet continues to the fence of its other endpoint;",
        "what no rule of a fence allows goes to the chain deny. Above each rule is the policy line that it comes from.",
    ];

    public static string Write(RenderQuestion question, RenderedNode node)
    {
        var whole = RulesetLowering.Lower(node.Ruleset);
        var table = node.Addresses is { } addresses ? NftPodSlice.Of(whole, addresses) : whole;
        var notes = new RenderNotes(node);
        if (question.Format == RenderFormat.Json)
        {
            return RenderJson.Write(question, node, writer => RenderJson.Write(writer, table, notes));
        }

        var text = new StringBuilder("#!/usr/sbin/nft -f\n");
        var header = notes.Header(
            "'nft -f' replaces the existing table in one transaction. The agent applies smaller changes, which "
                + "let no packet through in between (docs/design/nftables.md)."
        );
        foreach (var line in question.Format == RenderFormat.Explain ? header.Concat(s_reading) : header)
        {
            text.Append(CommentLine.Of(line)).Append('\n');
        }

        text.Append('\n')
            .Append(NftText.DeleteTableFirst)
            .Append(NftText.Print(table, question.Format == RenderFormat.Explain ? Explain(node, notes) : null));
        return text.ToString();
    }

    private static Func<object, IEnumerable<string>> Explain(RenderedNode node, RenderNotes notes)
    {
        var peers = node.Ruleset.Sets.Keys.Select(static set => set.Name).ToHashSet();
        return thing =>
            thing switch
            {
                NftChain chain when node.Ruleset.Fences.GetValueOrDefault(chain.Name) is { } fence =>
                [
                    $"The {(fence.Direction == Direction.Ingress ? "ingress" : "egress")} fence of "
                        + $"{notes.PodsOf(fence)}.",
                ],
                NftSet set when peers.Contains(set.Name) => [$"Peers: {set.Comment ?? "addresses"}."],
                NftElement { Verdict: null, Ports: var ports, Key: var key }
                    when ports == default && notes.Owner(key.First) is { } owner => [owner],
                NftRule or NftElement => notes.Comments(thing),
                _ => [],
            };
    }
}
