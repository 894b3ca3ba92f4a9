using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.KernelTests;

/// <summary>
/// Another program changes Podfence's table: one of the next checks notices, reports the difference and restores the
/// rules.
/// </summary>
public sealed class TamperingTests
{
    /// <summary>One check finds the change, another may have started before it.</summary>
    private const int MaxChecks = 2;

    /// <summary>
    /// A command and a part of the drift report. Names in braces are replaced by those that the compiler chose.
    /// </summary>
    private static readonly (string Command, string Words)[] s_commands =
    [
        ("delete table inet podfence", "the table is missing"),
        ("flush table inet podfence", "has 0 rules instead of"),
        ("flush chain inet podfence forward", "chain forward has 0 rules instead of 7"),
        ("flush chain inet podfence deny", "chain deny has 0 rules"),
        ("flush chain inet podfence {fence}", "has 0 rules"),
        ("insert rule inet podfence forward accept", "chain forward: rule 1 of 7"),
        ("insert rule inet podfence deny counter accept", "chain deny: rule 1 of"),
        ("add rule inet podfence forward drop", "chain forward has 8 rules instead of 7"),
        ("delete element inet podfence ingress-v4 { {db4} }", "set ingress-v4: element {db4}"),
        ("delete element inet podfence ingress-v6 { {db6} }", "set ingress-v6: element {db6}"),
        ("add element inet podfence ingress-v4 { 10.99.0.1 : goto deny }", "set ingress-v4: element 10.99.0.1"),
        (
            "delete element inet podfence ingress-v4 { {db4} }; add element inet podfence ingress-v4 { {db4} : "
                + "accept }",
            "set ingress-v4: element {db4}"
        ),
        ("add element inet podfence ingress-v4 { * : accept }", "set ingress-v4: element"),
        ("add element inet podfence ingress-v6 { * : accept }", "set ingress-v6: element"),
        ("flush set inet podfence link-local-v6", "set link-local-v6: element"),
        ("flush map inet podfence ingress-v4", "set ingress-v4: element {db4}"),
        ("add element inet podfence {set4} { 10.244.1.4 }", "element 10.244.1.4 is unexpected"),
        ("flush set inet podfence {set4}", "is missing"),
        (
            "flush map inet podfence ingress-v4; flush map inet podfence ingress-v6; flush chain inet podfence "
                + "{fence}; delete chain inet podfence {fence}",
            "chain {fence} is missing"
        ),
        (
            "flush map inet podfence ingress-v4; delete chain inet podfence forward; flush map inet podfence "
                + "ingress-v6",
            "chain forward is missing"
        ),
        (
            "flush map inet podfence egress-v4; flush map inet podfence egress-v6; flush map inet podfence "
                + "ingress-v4; flush map inet podfence ingress-v6; flush chain inet podfence {fence}; flush chain "
                + "inet podfence {fence6}; delete set inet podfence {set4}",
            "set {set4} is missing"
        ),
        (
            "add chain inet podfence foreign { type filter hook forward priority -300; policy drop; }",
            "chain foreign is unexpected"
        ),
        ("add chain inet podfence quiet; add rule inet podfence quiet accept", "chain quiet is unexpected"),
        ("add set inet podfence spare { type ipv4_addr; elements = { 10.0.0.1 }; }", "set spare is unexpected"),
        ("chain inet podfence forward { policy drop; }", "chain forward"),
        ("add table inet podfence { flags dormant; }", "table flags 0x1"),
        (
            "delete table inet podfence; add table inet podfence; add map inet podfence ingress-v4 { type "
                + "ipv4_addr : mark; }; add set inet podfence forward { type mark; }",
            "chain forward is missing"
        ),
    ];

    [Fact]
    public async Task ChangedByAnotherProgram_NextCheck_RestoresAndReports()
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await TwoNodeLab.CreateAsync();
        await lab.AssertEnforcesAsync();
        var names = Names(lab.Expected("n1"));
        var times = new List<double>();
        foreach (var (command, words) in s_commands)
        {
            var (drifts, replacements) = (lab.First.Listener.Drifts.Count, lab.First.Listener.Replacements);
            lab.Nft(Fill(command, names));
            var (checks, begin) = (lab.First.Checks, TimeProvider.System.GetTimestamp());
            await lab.First.Listener.UntilAsync(
                listener => listener.Drifts.Count > drifts && listener.Replacements > replacements,
                cancel
            );

            times.Add(TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds);
            Assert.True(
                lab.First.ChecksWhenFound - checks <= MaxChecks,
                $"{command}: noticed after {lab.First.ChecksWhenFound - checks} checks"
            );
            var sent = lab.First.Listener.Drifts[drifts];
            Assert.True(
                sent.Any(line => line.Contains(Fill(words, names), StringComparison.Ordinal)),
                $"{command}: sent only\n{string.Join('\n', sent)}"
            );
            Assert.Empty(lab.Drift("n1"));
        }

        await lab.AssertEnforcesAsync();
        Assert.Empty(lab.First.Listener.Failures);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_commands.Length} commands, repaired in {times.Min():0} to {times.Max():0} ms, "
                + $"{times.Average():0} on average, with a check every 20 ms"
        );
    }

    [Fact]
    public async Task ChangedByAnotherProgram_Restored_FlowsAreAsEvaluated()
    {
        Root.Require();
        await using var lab = await TwoNodeLab.CreateAsync(Lab.PodNetwork.Routed);
        foreach (
            var command in (string[])
                [
                    "delete table inet podfence",
                    "insert rule inet podfence forward accept",
                    "flush table inet podfence",
                    "add table inet podfence { flags dormant; }",
                ]
        )
        {
            var replacements = lab.First.Listener.Replacements;
            lab.Nft(command);
            await lab.First.Listener.UntilAsync(
                listener => listener.Replacements > replacements,
                TestContext.Current.CancellationToken
            );
            await lab.AssertEnforcesAsync();
        }
    }

    [Fact]
    public async Task ChangedBetweenChanges_NextTransactionFails_IsReplaced()
    {
        Root.Require();
        await using var lab = await TwoNodeLab.CreateAsync();
        foreach (
            var command in (string[])
                [
                    "delete table inet podfence",
                    "delete element inet podfence ingress-v4 { 10.244.1.3 }",
                    "flush table inet podfence",
                ]
        )
        {
            lab.Nft(command);
            var db = TwoNodeCluster.Cluster.Policies.Single(policy => policy.Key.Name == "db");
            await lab.SendAsync(new TestKit.PolicyChange(db.Key, null, "delete policy"));
            await lab.SendAsync(new TestKit.PolicyChange(db.Key, db, "put policy"));
            await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, TestContext.Current.CancellationToken);
            await lab.AssertEnforcesAsync();
        }
    }

    private static Dictionary<string, string> Names(Ruleset ruleset) =>
        new()
        {
            ["{fence}"] = ruleset.Endpoints[TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv4)].Ingress!,
            ["{fence6}"] = ruleset.Endpoints[TwoNodeCluster.Address(TwoNodeCluster.Web, IpFamily.IPv4)].Egress!,
            ["{set4}"] = ruleset
                .Fences[ruleset.Endpoints[TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv4)].Ingress!]
                .Rules.First(static rule => rule.Peer?.Kind == SetKind.Addresses)
                .Peer!.Name,
            ["{db4}"] = TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv4).ToString(),
            ["{db6}"] = TwoNodeCluster.Address(TwoNodeCluster.Db, IpFamily.IPv6).ToString(),
        };

    private static string Fill(string text, Dictionary<string, string> names) =>
        names.Aggregate(text, static (filled, name) => filled.Replace(name.Key, name.Value, StringComparison.Ordinal));
}
