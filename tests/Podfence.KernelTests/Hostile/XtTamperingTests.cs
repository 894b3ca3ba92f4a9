using Podfence.Dataplane.Iptables;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.KernelTests;

/// <summary>Another tool changes our chains and sets: a look notices, says so in words and puts everything back.</summary>
public sealed class XtTamperingTests
{
    /// <summary>What is done, and a part of what is said of it. Names in braces stand for those that the lowering chose.</summary>
    private static readonly (string Command, string Words)[] s_deeds =
    [
        ("iptables -F FORWARD", "iptables: the jump from FORWARD is missing"),
        ("ip6tables -F", "ip6tables: chain PODFENCE-EGRESS"),
        ("iptables -D FORWARD 1", "the jump from FORWARD is missing"),
        ("iptables -I FORWARD -s 10.9.9.9 -j ACCEPT", "the jump from FORWARD is its rule 2"),
        ("ip6tables -D INPUT 1", "ip6tables: the jump from INPUT is missing"),
        ("iptables -I INPUT -j PODFENCE-REFUSE", "rule 1 of INPUT leads to a chain of ours"),
        ("iptables -F PODFENCE-FORWARD", "chain PODFENCE-FORWARD has 0 rules in place of 4"),
        ("iptables -I PODFENCE-FORWARD -j ACCEPT", "chain PODFENCE-FORWARD: rule 1 of 4"),
        ("iptables -F PODFENCE-REFUSE", "chain PODFENCE-REFUSE has 0 rules"),
        ("ip6tables -F PODFENCE-INGRESS", "ip6tables: chain PODFENCE-INGRESS has 0 rules"),
        ("iptables -I {fence} -j RETURN", "chain {fence}: rule 1 of"),
        ("iptables -N PODFENCE-STRANGER", "chain PODFENCE-STRANGER should not be there"),
        ("ipset del PODFENCE-INGRESS4 {db4}", "set PODFENCE-INGRESS4: element {db4} is missing"),
        ("ipset flush PODFENCE-INGRESS6", "set PODFENCE-INGRESS6: element"),
        ("ipset add {members} 10.99.0.1", "set {members}: element 10.99.0.1"),
        ("ipset flush {set4}", "set {set4}: element"),
        ("ipset add {set4} 10.244.1.4", "set {set4}: element 10.244.1.4 should not be there"),
        ("ipset flush PODFENCE-LINK-LOCAL6", "set PODFENCE-LINK-LOCAL6: element fe80::/10 is missing"),
        ("ipset create PODFENCE-STRANGER hash:net", "set PODFENCE-STRANGER should not be there"),
        ("ipset flush", "set PODFENCE-"),
    ];

    [Theory]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task ChangedByAnotherTool_LoopLooks_PutsItRightAndSaysSo(DataplaneKind kind)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await VillageLab.CreateAsync(kind);
        await lab.AssertEnforcesAsync();
        var names = Names(lab.Expected("n1"));
        var times = new List<double>();
        foreach (var (command, words) in s_deeds)
        {
            var (drifts, replacements) = (lab.First.Heard.Drifts.Count, lab.First.Heard.Replacements);
            Do(lab.Network.Node("n1"), kind, Fill(command, names));
            var begin = TimeProvider.System.GetTimestamp();
            await lab.First.Heard.UntilAsync(heard => heard.Drifts.Count > drifts && heard.Replacements > replacements, cancel);

            times.Add(TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds);
            Assert.Contains(lab.First.Heard.Drifts[drifts], said => said.Contains(Fill(words, names), StringComparison.Ordinal));
            Assert.Empty(lab.Drift("n1"));
        }

        await lab.AssertEnforcesAsync();
        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {s_deeds.Length} deeds, put right after {times[times.Count / 2]:0} ms (median), {times[^1]:0} ms (longest)");
    }

    [Theory]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task ChangedInTheMiddleOfChanges_NextRunRefused_ReplacedAndRight(DataplaneKind kind)
    {
        Root.Require();
        await using var lab = await VillageLab.CreateAsync(kind);
        foreach (var command in (string[])["ipset flush", "iptables -F", "ipset del PODFENCE-INGRESS4 10.244.1.3"])
        {
            Do(lab.Network.Node("n1"), kind, command);
            var db = Village.Cluster.Policies.Single(static policy => policy.Key.Name == "db");
            await lab.TellAsync(new TestKit.PolicyChange(db.Key, null, "delete policy"));
            await lab.TellAsync(new TestKit.PolicyChange(db.Key, db, "put policy"));
            await lab.First.Heard.UntilAsync(_ => lab.Drift("n1").Count == 0, TestContext.Current.CancellationToken);
            await lab.AssertEnforcesAsync();
        }
    }

    private static void Do(NetworkNamespace node, DataplaneKind kind, string command)
    {
        var words = command.Split(' ');
        var variant = kind == DataplaneKind.IptablesNft ? "-nft" : "-legacy";
        Tools.Run(node, words[0] == "ipset" ? "ipset" : words[0] + variant, words.Skip(1));
    }

    private static Dictionary<string, string> Names(Ruleset ruleset)
    {
        var fence = ruleset.Fences[ruleset.Endpoints[Village.Address(Village.Db, IpFamily.IPv4)].Ingress!];
        var chain = FenceLowering.Lower(fence).Entry;
        return new Dictionary<string, string>
        {
            ["{fence}"] = chain,
            ["{members}"] = IptNames.MemberSet(chain, IpFamily.IPv4),
            ["{set4}"] = IptNames.PeerSet(fence.Rules.First(static rule => rule.Peer?.Kind == SetKind.Addresses).Peer!),
            ["{db4}"] = Village.Address(Village.Db, IpFamily.IPv4).ToString(),
        };
    }

    private static string Fill(string text, Dictionary<string, string> names) => names.Aggregate(text, static (filled, name) => filled.Replace(name.Key, name.Value, StringComparison.Ordinal));
}
