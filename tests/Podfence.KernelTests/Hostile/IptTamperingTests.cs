using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.KernelTests;

/// <summary>
/// Another program changes Podfence's chains and sets: a check notices, reports the difference and restores the rules.
/// </summary>
public sealed class IptTamperingTests
{
    /// <summary>
    /// A command and a part of the drift report. Names in braces are replaced by those that the lowering chose.
    /// </summary>
    private static readonly (string Command, string Words)[] s_commands =
    [
        ("iptables -F FORWARD", "iptables: the jump from FORWARD is missing"),
        ("ip6tables -F", "ip6tables: chain PODFENCE-EGRESS"),
        ("iptables -D FORWARD 1", "the jump from FORWARD is missing"),
        ("iptables -I FORWARD -s 10.9.9.9 -j ACCEPT", "the jump from FORWARD is at position 2"),
        ("ip6tables -D INPUT 1", "ip6tables: the jump from INPUT is missing"),
        ("iptables -I INPUT -j PODFENCE-DENY", "rule 1 of INPUT jumps to a Podfence chain"),
        ("iptables -F PODFENCE-FORWARD", "chain PODFENCE-FORWARD has 0 rules instead of 4"),
        ("iptables -I PODFENCE-FORWARD -j ACCEPT", "chain PODFENCE-FORWARD: rule 1 of 4"),
        ("iptables -F PODFENCE-DENY", "chain PODFENCE-DENY has 0 rules"),
        ("ip6tables -F PODFENCE-INGRESS", "ip6tables: chain PODFENCE-INGRESS has 0 rules"),
        ("iptables -I {fence} -j RETURN", "chain {fence}: rule 1 of"),
        ("iptables -N PODFENCE-FOREIGN", "chain PODFENCE-FOREIGN is unexpected"),
        ("ipset del PODFENCE-INGRESS4 {db4}", "set PODFENCE-INGRESS4: element {db4} is missing"),
        ("ipset flush PODFENCE-INGRESS6", "set PODFENCE-INGRESS6: element"),
        ("ipset add {members} 10.99.0.1", "set {members}: element 10.99.0.1"),
        ("ipset flush {set4}", "set {set4}: element"),
        ("ipset add {set4} 10.244.1.4", "set {set4}: element 10.244.1.4 is unexpected"),
        ("ipset flush PODFENCE-LINK-LOCAL6", "set PODFENCE-LINK-LOCAL6: element fe80::/10 is missing"),
        ("ipset create PODFENCE-FOREIGN hash:net", "set PODFENCE-FOREIGN is unexpected"),
        ("ipset flush", "set PODFENCE-"),
    ];

    [Theory]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task ChangedByAnotherProgram_NextCheck_RestoresAndReports(DataplaneKind kind)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await TwoNodeLab.CreateAsync(kind);
        await lab.AssertEnforcesAsync();
        var names = Names(lab.Expected("n1"));
        var times = new List<double>();
        foreach (var (command, words) in s_commands)
        {
            var (drifts, replacements) = (lab.First.Listener.Drifts.Count, lab.First.Listener.Replacements);
            Do(lab.Network.Node("n1"), kind, Fill(command, names));
            var begin = TimeProvider.System.GetTimestamp();
            await lab.First.Listener.UntilAsync(
                listener => listener.Drifts.Count > drifts && listener.Replacements > replacements,
                cancel
            );

            times.Add(TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds);
            Assert.Contains(lab.First.Listener.Drifts[drifts], said =>
                said.Contains(Fill(words, names), StringComparison.Ordinal)
            );
            Assert.Empty(lab.Drift("n1"));
        }

        await lab.AssertEnforcesAsync();
        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{kind}: {s_commands.Length} commands, repaired after {times[times.Count / 2]:0} ms (median), "
                + $"{times[^1]:0} ms (longest)"
        );
    }

    [Theory]
    [InlineData(DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.IptablesLegacy)]
    public async Task ChangedBetweenChanges_NextRunFails_IsReplaced(DataplaneKind kind)
    {
        Root.Require();
        await using var lab = await TwoNodeLab.CreateAsync(kind);
        foreach (var command in (string[])["ipset flush", "iptables -F", "ipset del PODFENCE-INGRESS4 10.244.1.3"])
        {
            Do(lab.Network.Node("n1"), kind, command);
            var db = TwoNodeCluster.Cluster.Policies.Single(static policy => policy.Key.Name == "db");
            await lab.SendAsync(new TestKit.PolicyChange(db.Key, null, "delete policy"));
            await lab.SendAsync(new TestKit.PolicyChange(db.Key, db, "put policy"));
            await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, TestContext.Current.CancellationToken);
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
        var fence = ruleset.Fences[
            ruleset.Endpoints[TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv4)].Ingress!
        ];
        var chain = FenceLowering.Lower(fence).Entry;
        return new Dictionary<string, string>
        {
            ["{fence}"] = chain,
            ["{members}"] = IptNames.MemberSet(chain, IpFamily.IPv4),
            ["{set4}"] = IptNames.PeerSet(fence.Rules.First(static rule => rule.Peer?.Kind == SetKind.Addresses).Peer!),
            ["{db4}"] = TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv4).ToString(),
        };
    }

    private static string Fill(string text, Dictionary<string, string> names) =>
        names.Aggregate(text, static (filled, name) => filled.Replace(name.Key, name.Value, StringComparison.Ordinal));
}
