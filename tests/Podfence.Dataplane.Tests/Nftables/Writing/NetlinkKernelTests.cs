using CsCheck;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class NetlinkKernelTests
{
    private static readonly NftSet Pods = new("pods", NftKey.Address, IpFamily.IPv4, false, "all pods");

    public NetlinkKernelTests() => Assert.SkipUnless(PrivateNetns.IsPermitted, PrivateNetns.SkipReason);

    [Fact]
    public void Read_EmptyNamespace_Null()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);

        Assert.Null(kernel.Read());
    }

    [Fact]
    public void RunAndRead_AnyTable_ReadsWhatWasWritten()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        var gate = new Lock();

        NftGen.Table.Sample(
            table =>
            {
                lock (gate)
                {
                    kernel.Run(NftGen.Operations(table));
                    Assert.Empty(NftCompare.Differences(table, kernel.Read()!));
                }
            },
            iter: 300,
            threads: 1
        );
    }

    [Fact]
    public void Run_Nothing_ChangesNothing()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        var before = kernel.Generation();

        kernel.Run([]);
        kernel.Run([new AddElements(Pods, []), new AddRules("none", [])]);

        Assert.Equal(before, kernel.Generation());
    }

    [Fact]
    public void Generation_TransactionOfAnyProgram_Differs()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        var first = kernel.Generation();
        kernel.Run([new AddTable()]);
        var second = kernel.Generation();
        Nft(netns, "add table ip foreign");

        Assert.NotEqual(first, second);
        Assert.NotEqual(second, kernel.Generation());
    }

    [Fact]
    public void Run_DeltaOfElements_TakesEffect()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([
            new AddTable(),
            new AddSet(Pods),
            new AddElements(Pods, [Element("10.0.0.1"), Element("10.0.0.2")]),
        ]);

        kernel.Run([new DeleteElements(Pods, [Element("10.0.0.1")]), new AddElements(Pods, [Element("10.0.0.3")])]);

        Assert.Equal(
            ["10.0.0.2", "10.0.0.3"],
            kernel.Read()!.Sets["pods"].Elements.Select(element => element.Key.First.ToString()).Order()
        );
    }

    [Fact]
    public void Run_ElementThatIsThere_ConflictNamesItAndChangesNothing()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([new AddTable(), new AddSet(Pods), new AddElements(Pods, [Element("10.0.0.1")])]);

        var error = Assert.Throws<DataplaneException>(() =>
            kernel.Run([
                new AddElements(Pods, [Element("10.0.0.7")]),
                new AddElements(Pods, [Element("10.0.0.8"), Element("10.0.0.1")]),
            ])
        );

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
        Assert.Equal(
            "the kernel rejected operation 2 of 2, add 2 elements to set pods at 10.0.0.1: EEXIST",
            error.Message
        );
        Assert.Single(kernel.Read()!.Sets["pods"].Elements);
    }

    [Fact]
    public void Run_ElementThatIsGone_Conflict()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([new AddTable(), new AddSet(Pods)]);

        var error = Assert.Throws<DataplaneException>(() =>
            kernel.Run([new DeleteElements(Pods, [Element("10.0.0.1")])])
        );

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
        Assert.Contains("delete 1 elements from set pods at 10.0.0.1: ENOENT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TableIsGone_Conflict()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);

        var error = Assert.Throws<DataplaneException>(() => kernel.Run([new AddSet(Pods)]));

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
    }

    [Fact]
    public void Run_SetOfARuleIsGone_ConflictNamesTheRule()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        NftRule rule = new(
            [new AddressMatch(PacketEnd.Source, IpFamily.IPv4, "missing"), new VerdictStatement(NftVerdict.Accept)],
            "shop/allow"
        );

        var error = Assert.Throws<DataplaneException>(() =>
            kernel.Run([new AddTable(), new AddChain(new NftChain("c", null, [])), new AddRules("c", [rule])])
        );

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
        Assert.Contains(
            "operation 3 of 3, add rule 1 of 1 to chain c (shop/allow) at expression lookup: ENOENT",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Run_ChainInUse_Conflict()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        var map = new NftSet("m", NftKey.Address, IpFamily.IPv4, true);
        kernel.Run([
            new AddTable(),
            new AddChain(new NftChain("c", null, [])),
            new AddSet(map),
            new AddElements(map, [Element("10.0.0.1") with { Verdict = NftVerdict.Goto("c") }]),
        ]);

        var error = Assert.Throws<DataplaneException>(() => kernel.Run([new DeleteChain("c")]));

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
        kernel.Run([new DeleteElements(map, [Element("10.0.0.1")]), new DeleteChain("c")]);
    }

    [Fact]
    public void Run_OverlappingRanges_Conflict()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        var ranges = new NftSet("r", NftKey.AddressRange, IpFamily.IPv4, false);

        var error = Assert.Throws<DataplaneException>(() =>
            kernel.Run([
                new AddTable(),
                new AddSet(ranges),
                new AddElements(ranges, [Range("10.0.0.0/8"), Range("10.1.0.0/16")]),
            ])
        );

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
    }

    [Fact]
    public void Run_ThousandsOfErrors_FirstIsReported()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([new AddTable()]);

        var error = Assert.Throws<DataplaneException>(() =>
            kernel.Run([.. Enumerable.Range(0, 20_000).Select(i => new DeleteChain($"c{i}"))])
        );

        Assert.Contains("operation 1 of 20000, delete chain c0", error.Message, StringComparison.Ordinal);
        kernel.Run([new AddChain(new NftChain("c", null, []))]);
    }

    [Fact]
    public void Run_HalfAMillionElements_OneTransaction()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        var elements = Enumerable
            .Range(0, 500_000)
            .Select(i => new NftElement(
                SetElement.Of(new IpAddress(IpFamily.IPv4, 0x0a000000 + (uint)i)),
                Comment: "namespace/pod"
            ))
            .ToArray();
        kernel.Run([new AddTable()]);
        var before = kernel.Generation();

        kernel.Run([new AddSet(Pods), new AddElements(Pods, elements)]);

        Assert.Equal(before + 1, kernel.Generation());

        // That all can be deleted shows that all were there; to read them back takes the kernel ten times longer.
        kernel.Run([new DeleteElements(Pods, elements)]);
        Assert.Empty(kernel.Read()!.Sets["pods"].Elements);
    }

    [Fact]
    public void Read_ForeignTables_AreNotInterpreted()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        Nft(
            netns,
            "add table inet foreign; add chain inet foreign podfence; add set inet foreign pods { type mark; }; "
                + "add table ip podfence; add chain ip podfence c"
        );
        Assert.Null(kernel.Read());
        kernel.Run([new AddTable(), new AddChain(new NftChain("podfence", null, []))]);

        var table = kernel.Read()!;

        Assert.Equal(["podfence"], table.Chains.Keys);
        Assert.Empty(table.Sets);
        kernel.Run([new DeleteTable()]);
        Assert.Contains("table inet foreign", Nft(netns, "list tables"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add rule inet podfence c counter accept")]
    [InlineData("add rule inet podfence c ip saddr 10.0.0.1 accept")]
    [InlineData("add rule inet podfence c ip saddr != @pods accept")]
    [InlineData("add rule inet podfence c meta nfproto ipv4 accept")]
    [InlineData("add rule inet podfence c ct state new accept")]
    [InlineData("add rule inet podfence c meta l4proto != tcp accept")]
    [InlineData("add rule inet podfence c tcp sport 80 accept")]
    [InlineData("add rule inet podfence c tcp dport != 80 accept")]
    [InlineData("add rule inet podfence c reject with icmpx admin-prohibited")]
    [InlineData("add rule inet podfence c log prefix \"x\"")]
    [InlineData("add rule inet podfence c ip saddr & 255.0.0.0 == 10.0.0.0 accept")]
    public void Read_RuleOfAnotherProgram_IsForeign(string command)
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([new AddTable(), new AddSet(Pods), new AddChain(new NftChain("c", null, []))]);
        try
        {
            Nft(netns, command);
        }
        catch (InvalidOperationException error)
        {
            Assert.Skip($"this kernel does not know the rule: {error.Message}");
        }

        var rule = Assert.Single((IEnumerable<NftRule>)kernel.Read()!.Chains["c"].Rules);

        Assert.Contains((IEnumerable<NftStatement>)rule.Statements, statement => statement is ForeignStatement);
    }

    [Fact]
    public void Read_SetAndChainOfAnotherProgram_DifferFromPodfences()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([new AddTable(), new AddSet(Pods)]);
        Nft(
            netns,
            "add set inet podfence s { type mark; elements = { 1 } }; add set inet podfence t { type ipv4_addr; "
                + "timeout 1h; elements = { 10.0.0.1 } }; add chain inet podfence c { type nat hook input priority 0; "
                + "policy drop; }; add element inet podfence pods { 10.0.0.1 }"
        );

        var table = kernel.Read()!;

        Assert.StartsWith("foreign", table.Sets["s"].Set.Comment, StringComparison.Ordinal);
        Assert.StartsWith("foreign", table.Sets["t"].Set.Comment, StringComparison.Ordinal);
        Assert.IsType<ForeignStatement>(table.Chains["c"].Rules[0].Statements[0]);
        Assert.Single(table.Sets["pods"].Elements);
    }

    [Fact]
    public void Read_DormantTable_DiffersFromOneThatWorks()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run([new AddTable(), new AddChain(new NftChain("c", new NftHook(HookPoint.Forward, 0), []))]);
        Nft(netns, "add table inet podfence { flags dormant; }");

        Assert.IsType<ForeignStatement>(kernel.Read()!.Chains["c"].Rules[0].Statements[0]);

        kernel.Run([new AddTable()]);
        Assert.Empty(kernel.Read()!.Chains["c"].Rules);
    }

    [Fact]
    public void Run_TableWithAnotherOwner_ConflictNotPrivilege()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        using var owner = netns.Run(() => NetlinkSocket.Open(NetlinkSocket.ProtocolNetfilter, TimeSpan.FromSeconds(5)));
        using var writer = new NetlinkWriter();
        const uint ownerFlag = 2;
        new BatchEncoder(writer, 1).Encode([new AddTable()]);
        var batch = writer.Written.ToArray();
        batch[batch.AsSpan().IndexOf("podfence\0"u8) + 12 + 7] = (byte)ownerFlag;
        owner.Send(batch);

        var error = Assert.Throws<DataplaneException>(() => kernel.Run([new AddTable(), new AddSet(Pods)]));

        Assert.Equal(DataplaneFailure.Conflict, error.Failure);
        Assert.Contains("EPERM", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhileOthersWrite_NeverSeesHalfATransaction()
    {
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        using var other = netns.Run(NetlinkKernel.Open);
        var many = Enumerable
            .Range(0, 2000)
            .Select(i => new NftElement(SetElement.Of(new IpAddress(IpFamily.IPv4, (uint)i))))
            .ToArray();
        kernel.Run([
            new AddTable(),
            new AddSet(Pods),
            new AddElements(Pods, many),
            new AddChain(new NftChain("full", null, [])),
        ]);
        var reading = true;
        var writing = Task.Run(
            () =>
            {
                for (var i = 0; i < 20 && Volatile.Read(ref reading); i++)
                {
                    other.Run([new DeleteElements(Pods, many), new DeleteChain("full")]);
                    other.Run([new AddElements(Pods, many), new AddChain(new NftChain("full", null, []))]);
                }
            },
            TestContext.Current.CancellationToken
        );

        for (var i = 0; i < 10; i++)
        {
            try
            {
                var table = kernel.Read()!;
                Assert.Equal(table.Chains.ContainsKey("full") ? many.Length : 0, table.Sets["pods"].Elements.Count);
            }
            catch (DataplaneException error) when (error.Failure == DataplaneFailure.Conflict)
            {
                // The other one was faster every time; it may be.
            }
        }

        Volatile.Write(ref reading, false);
        await writing;
    }

    internal static string Nft(PrivateNetns netns, string command) => netns.RunProgram("/usr/sbin/nft", [command]);

    private static NftElement Element(string address) => new(SetElement.Of(IpAddress.Parse(address)));

    private static NftElement Range(string block)
    {
        var cidr = Cidr.Parse(block);
        return new NftElement(SetElement.Of(new IpRange(cidr.Network, cidr.Last)));
    }
}
