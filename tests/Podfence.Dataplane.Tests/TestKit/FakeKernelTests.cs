using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class FakeKernelTests : IDisposable
{
    private static readonly NftSet s_pods = new("pods", NftKey.Address, IpFamily.IPv4, HasVerdicts: false);
    private static readonly NftSet s_map = new("map", NftKey.Address, IpFamily.IPv4, HasVerdicts: true);
    private static readonly NftSet s_ranges = new("ranges", NftKey.AddressRange, IpFamily.IPv4, HasVerdicts: false);
    private static readonly NftSet s_ports = new("ports", NftKey.PortRange, null, HasVerdicts: true);
    private static readonly IpAddress s_one = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress s_two = IpAddress.Parse("10.0.0.2");
    private static readonly NftRule s_lookup = TableLayout.Rule(
        null,
        NftVerdict.Return,
        new AddressMatch(PacketEnd.Source, IpFamily.IPv4, "pods")
    );

    private readonly FakeKernel _kernel = new();

    public FakeKernelTests() =>
        _kernel.Run([
            new AddTable(),
            new AddSet(s_pods),
            new AddSet(s_map),
            new AddSet(s_ranges),
            new AddSet(s_ports),
            new AddChain(new NftChain("a", null, [])),
            new AddChain(new NftChain("b", null, [])),
        ]);

    public static TheoryData<string, NftOperation[]> Conflicts =>
        new()
        {
            { "chain a exists", [new AddChain(new NftChain("a", null, []))] },
            { "set pods exists", [new AddSet(s_pods)] },
            { "chain none does not exist", [new AddRules("none", [s_lookup])] },
            { "chain none does not exist", [new AddRules("a", [TableLayout.Rule(null, NftVerdict.Jump("none"))])] },
            { "chain none does not exist", [new AddElements(s_map, [Leads(s_one, "none")])] },
            { "set none does not exist", [new AddRules("a", [new NftRule([new PortVerdictMap("none")])])] },
            { "chain a has 1 rules", [new AddRules("a", [s_lookup]), new DeleteChain("a")] },
            {
                "1 references",
                [new AddRules("b", [TableLayout.Rule(null, NftVerdict.Goto("a"))]), new DeleteChain("a")]
            },
            { "1 references", [new AddElements(s_map, [Leads(s_one, "a")]), new DeleteChain("a")] },
            { "set pods is in use", [new AddRules("a", [s_lookup]), new DeleteSet("pods")] },
            {
                "is in pods already",
                [new AddElements(s_pods, [Plain(s_one)]), new AddElements(s_pods, [Plain(s_one)])]
            },
            { "is not in pods", [new DeleteElements(s_pods, [Plain(s_one)])] },
            { "overlaps", [new AddElements(s_ranges, [Range(1, 5), Range(5, 6)])] },
            { "overlaps", [new AddElements(s_ranges, [Range(3, 4), Range(1, 5)])] },
            { "overlaps", [new AddElements(s_ports, [Ports(80, 90), Ports(85, 85)])] },
            { "the table does not exist", [new DeleteTable(), new DeleteTable()] },
        };

    public static TheoryData<string, NftOperation[]> Rejections =>
        new()
        {
            { "is not a name", [new AddSet(s_pods with { Name = "1st" })] },
            { "is not a name", [new AddChain(new NftChain("a:b", null, []))] },
            { "is not a name", [new AddChain(new NftChain(new string('a', 256), null, []))] },
            { "too long", [new AddChain(new NftChain("c", null, [], new string('x', 128)))] },
            { "too long", [new AddElements(s_pods, [Plain(s_one) with { Comment = new string('x', 128) }])] },
            { "another family", [new AddElements(s_pods, [Plain(IpAddress.Parse("fd00::1"))])] },
            { "not a single address", [new AddElements(s_pods, [Range(1, 2)])] },
            { "a map needs verdicts", [new AddElements(s_map, [Plain(s_one)])] },
            { "a map needs verdicts", [new AddElements(s_pods, [Leads(s_one, "a")])] },
            { "does not fit the lookup", [new AddRules("a", [new NftRule([new PortVerdictMap("map")])])] },
            {
                "does not fit the lookup",
                [
                    new AddRules(
                        "a",
                        [
                            TableLayout.Rule(
                                null,
                                NftVerdict.Return,
                                new AddressMatch(PacketEnd.Source, IpFamily.IPv6, "pods")
                            ),
                        ]
                    ),
                ]
            },
            {
                "is not what the elements are for",
                [new AddElements(s_pods with { Key = NftKey.Endpoint }, [Plain(s_one)])]
            },
            {
                "after the verdict",
                [new AddRules("a", [new NftRule([new VerdictStatement(NftVerdict.Return), new EstablishedMatch()])])]
            },
            { "needs a TCP match", [new AddRules("a", [new NftRule([new RejectStatement(TcpReset: true)])])] },
            {
                "leads to a base chain",
                [new AddChain(Base), new AddRules("a", [TableLayout.Rule(null, NftVerdict.Jump("input"))])]
            },
            {
                "circles",
                [
                    new AddChain(Base),
                    new AddRules("input", [TableLayout.Rule(null, NftVerdict.Jump("a"))]),
                    new AddRules("a", [TableLayout.Rule(null, NftVerdict.Goto("b"))]),
                    new AddRules("b", [new NftRule([new AddressVerdictMap(PacketEnd.Source, IpFamily.IPv4, "map")])]),
                    new AddElements(s_map, [Leads(s_one, "a")]),
                ]
            },
            { "too deep", Nest(16) },
        };

    private static NftChain Base => new("input", new NftHook(HookPoint.Input, 0), []);

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void Run_UnexpectedTable_IsAConflict(string message, NftOperation[] operations) =>
        AssertFails(DataplaneFailure.Conflict, message, operations);

    [Theory]
    [MemberData(nameof(Rejections))]
    public void Run_InvalidOperation_IsRejected(string message, NftOperation[] operations) =>
        AssertFails(DataplaneFailure.Rejected, message, operations);

    [Fact]
    public void Run_FifteenJumpsDeep_IsTaken() => _kernel.Run(Nest(15));

    [Fact]
    public void Run_FlushedAndUnreferenced_IsDeleted()
    {
        _kernel.Run([
            new AddRules("a", [s_lookup]),
            new AddRules("b", [TableLayout.Rule(null, NftVerdict.Goto("a"))]),
            new AddElements(s_map, [Leads(s_one, "a"), Leads(s_two, "b")]),
        ]);
        _kernel.Run([
            new DeleteElements(s_map, [Leads(s_two, "b")]),
            new FlushChain("a"),
            new FlushChain("b"),
            new DeleteChain("b"),
            new DeleteSet("map"),
            new DeleteChain("a"),
            new DeleteSet("pods"),
        ]);
        var table = _kernel.Read()!;
        Assert.Empty(table.Chains);
        Assert.Equal(["ports", "ranges"], table.Sets.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Run_KeyGoesAndComesBack_HasTheNewVerdict()
    {
        _kernel.Run([new AddElements(s_map, [Leads(s_one, "a")])]);
        _kernel.Run([
            new DeleteElements(s_map, [Leads(s_one, "a")]),
            new AddElements(s_map, [Leads(s_one, "b")]),
            new DeleteChain("a"),
        ]);
        Assert.Equal(NftVerdict.Jump("b"), Assert.Single(_kernel.Read()!.Sets["map"].Elements).Verdict);
    }

    [Fact]
    public void Generation_CountsTransactionsThatDoSomething()
    {
        var before = _kernel.Generation();
        _kernel.Run([new AddTable()]);
        Assert.Equal(before, _kernel.Generation());
        _kernel.Tamper(new DeleteTable());
        _kernel.TouchForeignTable();
        Assert.Equal(before + 2, _kernel.Generation());
        Assert.Null(_kernel.Read());
    }

    public void Dispose() => _kernel.Dispose();

    private void AssertFails(DataplaneFailure failure, string message, NftOperation[] operations)
    {
        var before = _kernel.Read()!;
        var generation = _kernel.Generation();
        var exception = Assert.Throws<DataplaneException>(() => _kernel.Run(operations));
        Assert.Equal(failure, exception.Failure);
        Assert.Contains(message, exception.Message);
        Assert.Empty(TableDiff.Describe(before, _kernel.Read()));
        Assert.Equal(generation, _kernel.Generation());
    }

    private static NftOperation[] Nest(int depth) =>
        [
            new AddChain(Base),
            .. Enumerable.Range(0, depth).Select(i => new AddChain(new NftChain($"c{i}", null, []))),
            new AddRules("input", [TableLayout.Rule(null, NftVerdict.Jump("c0"))]),
            .. Enumerable
                .Range(1, depth - 1)
                .Select(i => new AddRules($"c{i - 1}", [TableLayout.Rule(null, NftVerdict.Goto($"c{i}"))])),
        ];

    private static NftElement Plain(IpAddress address) => new(SetElement.Of(address));

    private static NftElement Leads(IpAddress address, string chain) =>
        new(SetElement.Of(address), default, NftVerdict.Jump(chain));

    private static NftElement Range(int first, int last) =>
        new(
            SetElement.Of(
                new IpRange(RandomRulesets.Address(IpFamily.IPv4, first), RandomRulesets.Address(IpFamily.IPv4, last))
            )
        );

    private static NftElement Ports(ushort first, ushort last) =>
        new(default, new PortRange(Protocol.Tcp, first, last), NftVerdict.Return);
}
