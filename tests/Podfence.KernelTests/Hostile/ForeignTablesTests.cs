using System.Globalization;
using System.Text.RegularExpressions;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// Tables of other programs, of any kind, stay as they are whatever Podfence does, and do not disturb it.
/// </summary>
public sealed partial class ForeignTablesTests
{
    private const string Ruleset = """
        table ip nat {
          chain post { type nat hook postrouting priority srcnat; ip saddr 10.0.0.0/8 masquerade; }
          chain pre { type nat hook prerouting priority dstnat; tcp dport 8080 redirect to :80; }
        }
        table inet firewall {
          counter seen { packets 3 bytes 200; }
          quota some { 100 mbytes }
          limit few { rate 10/second; }
          set blocks { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8, 192.0.2.0-192.0.2.200 }; }
          set late { type ipv6_addr; flags dynamic,timeout; timeout 1h; size 1000; }
          map marks { type ipv4_addr . inet_service : mark; elements = { 10.0.0.1 . 80 : 0x17 }; }
          chain deep { counter name "seen" return; }
          map where { type ipv4_addr : verdict; elements = { 10.0.0.1 : jump deep, 10.0.0.2 : drop }; }
          chain in { type filter hook input priority -5; policy accept; ct state invalid counter drop; iif lo accept; ip saddr vmap @where; tcp dport { 22, 443 } accept; limit name "few" log prefix "few " level info; }
          chain forward { type filter hook forward priority filter; policy accept; ct state established,related accept; ip saddr @blocks meta mark set ip daddr . tcp dport map @marks counter; add @late { ip6 saddr }; }
        }
        table ip6 podfence {
          chain c { type filter hook forward priority 0; policy accept; }
        }
        table bridge podfence {
          chain c { type filter hook forward priority 0; policy accept; ether type arp accept; }
        }
        table arp watch {
          chain in { type filter hook input priority 0; policy accept; arp operation request counter; }
        }
        table netdev early {
          chain c { type filter hook ingress device lo priority 0; policy accept; }
        }
        table ip podfence {
          set s { type ipv4_addr; elements = { 1.2.3.4 }; }
        }
        table inet podfence2 {
          chain forward { type filter hook forward priority -10; policy accept; counter; }
        }
        """;

    private static readonly string[] s_iptables =
    [
        "-N KUBE-FORWARD",
        "-A FORWARD -m comment --comment kubernetes -j KUBE-FORWARD",
        "-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT",
        "-t nat -A POSTROUTING -s 10.244.0.0/16 -j MASQUERADE",
    ];

    [Fact]
    public void ForeignTables_ReplaceApplyVerifyCleanup_AreUntouched()
    {
        Root.Require();
        using var netns = new PrivateNetns();
        Load(netns, Ruleset);
        foreach (var tool in (string[])["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"])
        {
            foreach (var rule in s_iptables)
            {
                IpTables(
                    netns,
                    tool,
                    tool.StartsWith("ip6", StringComparison.Ordinal)
                        ? rule.Replace("10.244.0.0/16", "fd00:244::/32", StringComparison.Ordinal)
                        : rule
                );
            }
        }

        var before = Snapshot(netns);
        Assert.Contains("masquerade", before, StringComparison.Ordinal);
        var state = TwoNodeCluster.Cluster.ToState();
        var compiler = new NodeCompiler(state, "n1");
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));

        dataplane.Replace(compiler.Snapshot());
        Assert.Equal(before, Snapshot(netns));
        Assert.Contains(
            "table inet podfence {",
            netns.RunProgram("nft", ["list", "ruleset"]),
            StringComparison.Ordinal
        );

        state.RemovePolicy(TwoNodeCluster.Cluster.Policies[0].Key);
        dataplane.Apply(compiler.Flush());
        Assert.Empty(dataplane.Verify(compiler.Snapshot()));
        Assert.Equal(before, Snapshot(netns));

        Nft(netns, "flush table inet podfence");
        Assert.NotEmpty(dataplane.Verify(compiler.Snapshot()));
        dataplane.Replace(compiler.Snapshot());
        Assert.Empty(dataplane.Verify(compiler.Snapshot()));
        Assert.Equal(before, Snapshot(netns));

        dataplane.Cleanup();
        Assert.Equal(before, Snapshot(netns));
        dataplane.Cleanup();
        Assert.Equal(before, Snapshot(netns));
        Assert.DoesNotContain(
            "table inet podfence {",
            netns.RunProgram("nft", ["list", "ruleset"]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TableOfANewerProgram_ThatIptablesCannotPrint_DisturbsNothing()
    {
        Root.Require();
        using var netns = new PrivateNetns();
        WriteFromTheFuture(netns);
        var listing = Record(() => netns.RunProgram("nft", ["list", "ruleset"]));
        var before = Dump(netns);
        var state = TwoNodeCluster.Cluster.ToState();
        var compiler = new NodeCompiler(state, "n1");
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));

        dataplane.Replace(compiler.Snapshot());
        state.RemovePolicy(TwoNodeCluster.Cluster.Policies[0].Key);
        dataplane.Apply(compiler.Flush());
        Assert.Empty(dataplane.Verify(compiler.Snapshot()));
        Assert.False(dataplane.MayHaveDrifted());
        Assert.Equal(before, Dump(netns));
        dataplane.Cleanup();

        Assert.Equal(before, Dump(netns));
        TestContext.Current.TestOutputHelper?.WriteLine($"what nft says of the table: {listing}");
    }

    [Fact]
    public void Cleanup_NothingOfOurs_NoError()
    {
        Root.Require();
        using var netns = new PrivateNetns();
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));

        dataplane.Cleanup();
        dataplane.Cleanup();

        Assert.Equal("", netns.RunProgram("nft", ["list", "ruleset"]));
    }

    /// <summary>
    /// A set whose key has a type that no tool knows yet, with user data of unknown kinds, and a chain and a rule that
    /// carry some too.
    /// </summary>
    private static void WriteFromTheFuture(PrivateNetns netns)
    {
        byte[] unknown = [0x7f, 5, 1, 2, 3, 4, 5, 0xfe, 2, 9, 9];
        using var socket = netns.Run(() =>
            NetlinkSocket.Open(NetlinkSocket.ProtocolNetfilter, TimeSpan.FromSeconds(5))
        );
        using var writer = new NetlinkWriter();
        var sequence = 1u;
        Begin(NfTables.BatchBegin, NfTables.FamilyUnspecified, NfTables.Subsystem);
        writer.EndMessage();
        Begin(NfTables.MessageType(NfMessage.NewTable), NfTables.FamilyInet);
        writer.PutString(NfTables.TableAttribute.Name, "future");
        writer.PutUInt32(NfTables.TableAttribute.Flags, 0);
        writer.PutBytes(6, unknown);
        writer.EndMessage();
        Begin(NfTables.MessageType(NfMessage.NewSet), NfTables.FamilyInet);
        writer.PutString(NfTables.SetAttribute.Table, "future");
        writer.PutString(NfTables.SetAttribute.Name, "odd");
        writer.PutUInt32(NfTables.SetAttribute.Flags, 0);
        writer.PutUInt32(NfTables.SetAttribute.KeyType, 0x3f);
        writer.PutUInt32(NfTables.SetAttribute.KeyLength, 12);
        writer.PutUInt32(NfTables.SetAttribute.Id, 1);
        writer.PutBytes(NfTables.SetAttribute.UserData, unknown);
        writer.EndMessage();
        Begin(NfTables.MessageType(NfMessage.NewChain), NfTables.FamilyInet);
        writer.PutString(NfTables.ChainAttribute.Table, "future");
        writer.PutString(NfTables.ChainAttribute.Name, "strange");
        writer.PutBytes(NfTables.ChainAttribute.UserData, unknown);
        writer.EndMessage();
        Begin(NfTables.MessageType(NfMessage.NewRule), NfTables.FamilyInet);
        writer.PutString(NfTables.RuleAttribute.Table, "future");
        writer.PutString(NfTables.RuleAttribute.Chain, "strange");
        var expressions = writer.BeginNest(NfTables.RuleAttribute.Expressions);
        var element = writer.BeginNest(NfTables.ListElement);
        writer.PutString(NfTables.ExpressionAttribute.Name, "meta");
        var data = writer.BeginNest(NfTables.ExpressionAttribute.Data);

        // NFT_META_SDIFNAME into the first register: newer than any printer in use.
        writer.PutUInt32(2, 33);
        writer.PutUInt32(1, 1);
        writer.EndNest(data);
        writer.EndNest(element);
        writer.EndNest(expressions);
        writer.PutBytes(NfTables.RuleAttribute.UserData, unknown);
        writer.EndMessage();
        Begin(NfTables.BatchEnd, NfTables.FamilyUnspecified, NfTables.Subsystem);
        writer.EndMessage();
        socket.Send(writer.Written);
        var errors = new List<int>();
        socket.ReceivePending(message =>
            errors.Add(message.Type == NetlinkMessage.TypeError ? message.ReadResponse().Error : 0)
        );
        Assert.DoesNotContain(errors, static error => error != 0);

        void Begin(ushort type, byte family, ushort resource = 0) =>
            writer.BeginMessage(
                type,
                NetlinkMessage.FlagRequest | NetlinkMessage.FlagCreate,
                sequence++,
                family,
                resource
            );
    }

    /// <summary>
    /// All that the kernel returns of tables, chains, rules and sets except Podfence's, byte for byte.
    /// </summary>
    private static string Dump(PrivateNetns netns)
    {
        using var kernel = netns.Run(NetlinkKernel.Open);
        var all = new List<string>();
        foreach (var what in (NfMessage[])[NfMessage.GetTable, NfMessage.GetChain, NfMessage.GetRule, NfMessage.GetSet])
        {
            kernel.Request(
                what,
                NetlinkMessage.FlagDump,
                static _ => { },
                message =>
                {
                    var text = new System.Text.StringBuilder(what.ToString());
                    var isPodfence = false;
                    foreach (var attribute in message.Attributes)
                    {
                        text.Append(
                            CultureInfo.InvariantCulture,
                            $" {attribute.Type}={Convert.ToHexString(attribute.Value)}"
                        );
                        isPodfence |= attribute.Type == 1 && attribute.AsString() == NfTables.TableName;
                    }

                    if (!isPodfence)
                    {
                        all.Add(text.ToString());
                    }
                }
            );
        }

        return string.Join('\n', all);
    }

    private static string Record(Func<string> list)
    {
        try
        {
            return list();
        }
        catch (InvalidOperationException unprintable)
        {
            return unprintable.Message;
        }
    }

    private static void Load(PrivateNetns netns, string text) => netns.RunProgram("nft", ["-f", "-"], text + "\n");

    private static void Nft(PrivateNetns netns, string command) => Load(netns, command);

    private static void IpTables(PrivateNetns netns, string tool, string rule)
    {
        try
        {
            netns.RunProgram(tool, rule.Split(' '));
        }
        catch (InvalidOperationException unknown) when (tool.Contains("legacy", StringComparison.Ordinal))
        {
            // Kernels without the old tables have nothing that could be disturbed.
            TestContext.Current.TestOutputHelper?.WriteLine(unknown.Message);
        }
    }

    /// <summary>
    /// Everything except Podfence's table: with handles, so that even a rewrite that changes nothing would show;
    /// counters do not change without packets.
    /// </summary>
    private static string Snapshot(PrivateNetns netns) =>
        Ours().Replace(netns.RunProgram("nft", ["-a", "list", "ruleset"]), "")
        + Times()
            .Replace(
                Record(() => netns.RunProgram("iptables-legacy-save", ["-c"]))
                    + Record(() => netns.RunProgram("ip6tables-legacy-save", ["-c"])),
                ""
            );

    [GeneratedRegex(
        @"^table inet podfence \{.*?^\}\n",
        RegexOptions.Multiline | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 1_000
    ),]
    private static partial Regex Ours();

    [GeneratedRegex("^#.*\n", RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Times();
}
