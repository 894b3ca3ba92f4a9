using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// Rules and sets of other programs, in either variant and in nft's own language, stay as they are whatever Podfence
/// does, and do not disturb it.
/// </summary>
public sealed class IptForeignRulesTests
{
    private static readonly string[] s_rules =
    [
        "-N KUBE-FORWARD",
        "-A FORWARD -m comment --comment kubernetes -j KUBE-FORWARD",
        "-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT",
        "-t nat -A POSTROUTING -o eth9 -j MASQUERADE",
        "-P OUTPUT ACCEPT",
    ];

    public static TheoryData<DataplaneKind, string> Natives { get; } =
        new()
        {
            { DataplaneKind.IptablesNft, "" },
            { DataplaneKind.IptablesLegacy, "" },
            { DataplaneKind.IptablesNft, "insert rule ip filter FORWARD ct mark 5 counter drop" },
            {
                DataplaneKind.IptablesNft,
                "add set ip filter foreign { type ipv4_addr; }; add chain ip filter other; add rule ip filter "
                    + "other ip saddr @foreign drop"
            },
            {
                DataplaneKind.IptablesNft,
                "add chain ip filter early { type filter hook forward priority -50; }; add rule ip filter early "
                    + "ct mark 7 drop"
            },
            { DataplaneKind.IptablesLegacy, "add rule ip filter FORWARD ct mark 5 counter drop" },
        };

    [Theory]
    [MemberData(nameof(Natives))]
    public void ForeignRules_ReplaceApplyVerifyCleanup_AreUntouched(DataplaneKind kind, string native)
    {
        Root.Require();
        using var netns = new PrivateNetns();
        foreach (var tool in (string[])["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"])
        {
            foreach (var rule in s_rules)
            {
                netns.RunProgram(tool, rule.Split(' '));
            }
        }

        netns.RunProgram(
            "ipset",
            ["restore"],
            "create foreign hash:ip\nadd foreign 10.9.9.9\ncreate KUBE-SRC-1 hash:net\n"
        );
        netns.RunProgram("nft", ["-f", "-"], native + "\n");
        var before = Snapshot(netns);
        var state = TwoNodeCluster.Cluster.ToState();
        var compiler = new NodeCompiler(state, "n1");
        using var dataplane = Dataplanes.Open(kind, new PrivateNamespace(netns));

        dataplane.Replace(compiler.Snapshot());
        Assert.Empty(dataplane.Verify(compiler.Snapshot()));
        Assert.Equal(before, Snapshot(netns));

        state.RemovePolicy(TwoNodeCluster.Cluster.Policies[0].Key);
        dataplane.Apply(compiler.Flush());
        Assert.Empty(dataplane.Verify(compiler.Snapshot()));
        Assert.Equal(before, Snapshot(netns));

        netns.RunProgram("ipset", ["flush", IptNames.DispatchSet(Direction.Egress, IpFamily.IPv4, "")]);
        Assert.NotEmpty(dataplane.Verify(compiler.Snapshot()));
        using var next = Dataplanes.Open(kind, new PrivateNamespace(netns));
        next.Replace(compiler.Snapshot());
        Assert.Empty(next.Verify(compiler.Snapshot()));

        next.Cleanup();
        Assert.Equal(before, Snapshot(netns));
        Assert.DoesNotContain("PODFENCE", Everything(netns), StringComparison.Ordinal);
        next.Cleanup();
        Assert.Equal(before, Snapshot(netns));
    }

    [Theory]
    [InlineData("iptables-nft", IptablesVariant.Nft)]
    [InlineData("iptables-legacy", IptablesVariant.Legacy)]
    public void Detect_ChainsOfKubernetesInOneVariant_ThatOneIsTaken(string tool, IptablesVariant expected)
    {
        Root.Require();
        using var netns = new PrivateNetns();
        var place = new PrivateNamespace(netns);
        netns.RunProgram(tool, ["-t", "mangle", "-N", "KUBE-KUBELET-CANARY"]);

        Assert.Equal(expected, IptablesVariants.Detect(new ToolRunner(place), place));
    }

    [Fact]
    public void Detect_EmptyNamespace_LegacyTablesAreNotSetUp()
    {
        Root.Require();
        using var netns = new PrivateNetns();
        var place = new PrivateNamespace(netns);

        var variant = IptablesVariants.Detect(new ToolRunner(place), place);

        Assert.Equal(
            netns.RunProgram("iptables", ["--version"]).Contains("legacy", StringComparison.Ordinal)
                ? IptablesVariant.Legacy
                : IptablesVariant.Nft,
            variant
        );
        Assert.False(IptablesVariants.LegacyHas(place, "mangle"));
    }

    [Theory]
    [InlineData(DataplaneKind.Nftables, DataplaneKind.IptablesNft)]
    [InlineData(DataplaneKind.Nftables, DataplaneKind.IptablesLegacy)]
    [InlineData(DataplaneKind.IptablesNft, DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesNft, DataplaneKind.IptablesLegacy)]
    [InlineData(DataplaneKind.IptablesLegacy, DataplaneKind.Nftables)]
    [InlineData(DataplaneKind.IptablesLegacy, DataplaneKind.IptablesNft)]
    public void Switch_FromOneToAnother_NothingOfTheFirstIsLeft(DataplaneKind from, DataplaneKind to)
    {
        Root.Require();
        using var netns = new PrivateNetns();
        var place = new PrivateNamespace(netns);
        var ruleset = new NodeCompiler(TwoNodeCluster.Cluster.ToState(), "n1").Snapshot();
        using (var first = Dataplanes.Open(from, place))
        {
            first.Replace(ruleset);
        }

        using var second = Dataplanes.Open(to, place);
        second.Replace(ruleset);

        Assert.Empty(second.Verify(ruleset));
        Assert.Equal(
            to == DataplaneKind.Nftables,
            netns.RunProgram("nft", ["list", "ruleset"]).Contains("table inet podfence {", StringComparison.Ordinal)
        );
        Assert.Equal(
            to == DataplaneKind.IptablesNft,
            netns.RunProgram("iptables-nft-save", []).Contains("PODFENCE-FORWARD", StringComparison.Ordinal)
        );
        Assert.Equal(
            to == DataplaneKind.IptablesLegacy,
            netns.RunProgram("ip6tables-legacy-save", []).Contains("PODFENCE-FORWARD", StringComparison.Ordinal)
        );
        Assert.Equal(
            to != DataplaneKind.Nftables,
            netns.RunProgram("ipset", ["list", "-n"]).Contains("PODFENCE-", StringComparison.Ordinal)
        );

        Dataplanes.Cleanup(place);
        Assert.DoesNotContain("PODFENCE", Everything(netns), StringComparison.Ordinal);
        Assert.DoesNotContain("podfence", Everything(netns), StringComparison.Ordinal);
    }

    /// <summary>All rules and sets except Podfence's, without counters.</summary>
    private static string Snapshot(PrivateNetns netns) =>
        string.Join(
            '\n',
            Everything(netns)
                .Split('\n')
                .Where(static line =>
                    !line.Contains("PODFENCE", StringComparison.Ordinal)
                    && !line.Contains("podfence", StringComparison.Ordinal)
                    && !line.StartsWith('#')
                    && line.Trim() != "}"
                )
        );

    private static string Everything(PrivateNetns netns)
    {
        (string Program, string[] Arguments)[] commands =
        [
            ("iptables-nft-save", []),
            ("ip6tables-nft-save", []),
            ("iptables-legacy-save", []),
            ("ip6tables-legacy-save", []),
            ("ipset", ["save", "-sorted"]),
            ("nft", ["list", "chains"]),
            ("nft", ["list", "sets"]),
        ];
        return string.Join('\n', commands.Select(command => netns.RunProgram(command.Program, command.Arguments)));
    }
}
