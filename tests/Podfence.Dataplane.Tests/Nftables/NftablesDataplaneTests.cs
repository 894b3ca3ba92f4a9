using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class NftablesDataplaneTests : IDisposable
{
    private static readonly Ruleset s_after = Article.Ruleset with
    {
        Sets = Article.SetsWith(Article.Frontends, Article.Other),
    };
    private static readonly RulesetDelta s_delta = RulesetDiff.Between(Article.Ruleset, s_after);

    private readonly FakeKernel _kernel = new();
    private readonly NftablesDataplane _dataplane;

    public NftablesDataplaneTests() => _dataplane = new NftablesDataplane(_kernel);

    public static TheoryData<string, NftOperation[]> Tamperings =>
        new()
        {
            { "the table is missing", [new DeleteTable()] },
            { $"chain {Article.Ingress} has 0 rules instead of 4", [new FlushChain(Article.Ingress)] },
            { "chain extra is unexpected", [new AddChain(new NftChain("extra", null, []))] },
            {
                "set extra is unexpected",
                [new AddSet(new NftSet("extra", NftKey.Address, IpFamily.IPv4, HasVerdicts: false))]
            },
            {
                $"set {Article.Frontends.Name}: element 10.244.0.6 is missing",
                [new DeleteElements(TableLayout.Set(Article.Frontends), [new NftElement(SetElement.Of(Article.Web))])]
            },
            {
                $"set {Article.Frontends.Name}: element 10.244.1.8 is unexpected",
                [new AddElements(TableLayout.Set(Article.Frontends), [new NftElement(SetElement.Of(Article.Other))])]
            },
            {
                "chain forward has 8 rules instead of 7",
                [new AddRules("forward", [TableLayout.Rule("let me in", NftVerdict.Accept)])]
            },
            {
                "chain forward: rule 1 of 7 (established) is foreign: counter",
                [new FlushChain("forward"), new AddRules("forward", [new NftRule([new ForeignStatement("counter")])])]
            },
            { "chain input is missing", [new FlushChain("input"), new DeleteChain("input")] },
            {
                "set ingress-v4: element 10.244.0.5: jump ingress/default/test-network-policy-v4 (default/db) is "
                    + "missing",
                [
                    new DeleteElements(
                        TableLayout.Dispatch(Direction.Ingress, IpFamily.IPv4),
                        [new NftElement(SetElement.Of(Article.Db))]
                    ),
                ]
            },
        };

    [Theory]
    [MemberData(nameof(Tamperings))]
    public void Verify_AfterTampering_ReportsTheDifference(string difference, NftOperation[] tampering)
    {
        _dataplane.Replace(Article.Ruleset);
        Assert.False(_dataplane.MayHaveDrifted());
        _kernel.Tamper(tampering);
        Assert.True(_dataplane.MayHaveDrifted());
        Assert.Equal([difference], _dataplane.Verify(Article.Ruleset));

        // Only a replacement helps, and it does.
        Assert.True(_dataplane.MayHaveDrifted());
        Assert.Throws<InvalidOperationException>(() => _dataplane.Apply(s_delta));
        _dataplane.Replace(Article.Ruleset);
        Assert.Empty(_dataplane.Verify(Article.Ruleset));
        Assert.False(_dataplane.MayHaveDrifted());
    }

    [Fact]
    public void Verify_ManyDifferences_AreCounted()
    {
        _dataplane.Replace(Article.Ruleset);
        _kernel.Tamper([.. Enumerable.Range(0, 50).Select(i => new AddChain(new NftChain($"extra{i}", null, [])))]);
        var differences = _dataplane.Verify(Article.Ruleset);
        Assert.Equal(TableDiff.Limit + 1, differences.Count);
        Assert.Equal("and 30 more differences", differences[^1]);
    }

    [Fact]
    public void Verify_WholeProtocolReadBackAsPortMatch_IsNoDifference()
    {
        static NftTable Table(NftStatement statement) =>
            new(
                new Dictionary<string, NftChain>
                {
                    ["a"] = new("a", null, [TableLayout.Rule(null, NftVerdict.Return, statement)]),
                },
                new Dictionary<string, NftSetContent>()
            );
        Assert.Empty(
            TableDiff.Describe(
                Table(new L4ProtocolMatch(17)),
                Table(new PortMatch(PortRange.WholeProtocol(Protocol.Udp)))
            )
        );
    }

    [Fact]
    public void Apply_Delta_IsOneTransaction()
    {
        _dataplane.Replace(Article.Ruleset);
        _dataplane.Apply(s_delta);
        Assert.Equal(2, _kernel.Transactions);
        Assert.Empty(_dataplane.Verify(s_after));
        Assert.False(_dataplane.MayHaveDrifted());
    }

    [Fact]
    public void Replace_AfterRestart_TouchesOnlyWhatDiffers()
    {
        using var earlier = new NftablesDataplane(_kernel);
        earlier.Replace(Article.Ruleset);
        _dataplane.Replace(Article.Ruleset);
        Assert.Equal(1, _kernel.Transactions);
        _dataplane.Replace(s_after);
        Assert.Equal(2, _kernel.Transactions);
        Assert.DoesNotContain(_kernel.LastTransaction, operation => operation is DeleteTable or FlushChain);
        Assert.False(_dataplane.MayHaveDrifted());
    }

    [Fact]
    public void Replace_NoTransition_ReplacesTheWholeTable()
    {
        _kernel.Tamper(new AddTable(), new AddChain(new NftChain("forward", new NftHook(HookPoint.Forward, 7), [])));
        _dataplane.Replace(Article.Ruleset);
        Assert.IsType<DeleteTable>(_kernel.LastTransaction[1]);
        Assert.Empty(_dataplane.Verify(Article.Ruleset));
    }

    [Fact]
    public void Replace_DormantTable_ReplacesTheWholeTable()
    {
        // As the reader returns a dormant table.
        _dataplane.Replace(Article.Ruleset);
        _kernel.Tamper(
            _kernel
                .Read()!
                .Chains.Keys.Select(name => new AddRules(
                    name,
                    [new NftRule([new ForeignStatement("table flags 0x1")])]
                ))
                .ToArray()
        );
        _dataplane.Replace(Article.Ruleset);
        Assert.IsType<DeleteTable>(_kernel.LastTransaction[1]);
        Assert.Empty(_dataplane.Verify(Article.Ruleset));
    }

    [Fact]
    public void Replace_TableChangedMeanwhile_ReplacesTheWholeTable()
    {
        _dataplane.Replace(Article.Ruleset);
        _kernel.FailNext(new DataplaneException(DataplaneFailure.Conflict, "gone"));
        _dataplane.Replace(s_after);
        Assert.Empty(_dataplane.Verify(s_after));
        _kernel.FailNext(new DataplaneException(DataplaneFailure.NotPermitted, "no"));
        Assert.Throws<DataplaneException>(() => _dataplane.Replace(Article.Ruleset));
        Assert.Empty(_dataplane.Verify(s_after));
    }

    [Fact]
    public void Apply_EmptyDelta_IsNoTransaction()
    {
        _dataplane.Replace(Article.Ruleset);
        _dataplane.Apply(RulesetDiff.Between(Article.Ruleset, Article.Ruleset));
        Assert.Equal(1, _kernel.Transactions);
        Assert.False(_dataplane.MayHaveDrifted());
    }

    [Fact]
    public void Apply_BeforeReplace_Throws() =>
        Assert.Throws<InvalidOperationException>(() => _dataplane.Apply(s_delta));

    [Fact]
    public void Apply_Fails_OnlyReplaceMayFollow()
    {
        _dataplane.Replace(Article.Ruleset);
        _kernel.FailNext(new DataplaneException(DataplaneFailure.NoMemory, "injected failure"), 1);
        Assert.Throws<DataplaneException>(() => _dataplane.Apply(s_delta));
        Assert.True(_dataplane.MayHaveDrifted());
        Assert.Empty(_dataplane.Verify(Article.Ruleset));
        Assert.Throws<InvalidOperationException>(() => _dataplane.Apply(s_delta));
        _dataplane.Replace(s_after);
        Assert.Empty(_dataplane.Verify(s_after));
    }

    [Fact]
    public void MayHaveDrifted_AnotherProgramCommittedBefore_IsNoticedAfterwards()
    {
        _dataplane.Replace(Article.Ruleset);
        _kernel.Tamper(
            new AddElements(TableLayout.Set(Article.Project), [new NftElement(SetElement.Of(Article.Other))])
        );
        _dataplane.Apply(s_delta);
        Assert.True(_dataplane.MayHaveDrifted());
        Assert.Single(_dataplane.Verify(s_after));
    }

    [Fact]
    public void Verify_OnlyAForeignTableChanged_ClearsTheSuspicion()
    {
        _dataplane.Replace(Article.Ruleset);
        _kernel.TouchForeignTable();
        Assert.True(_dataplane.MayHaveDrifted());
        Assert.Empty(_dataplane.Verify(Article.Ruleset));
        Assert.False(_dataplane.MayHaveDrifted());
        _dataplane.Apply(s_delta);
        Assert.False(_dataplane.MayHaveDrifted());
    }

    [Fact]
    public void Replace_TableOfAnotherProcess_LeavesNothingOfIt()
    {
        using var earlier = new NftablesDataplane(_kernel);
        earlier.Replace(s_after);
        _dataplane.Replace(Ruleset.Empty(new RulesetOptions()));
        Assert.Empty(_dataplane.Verify(Ruleset.Empty(new RulesetOptions())));
    }

    [Fact]
    public void Cleanup_Twice_LeavesNoTable()
    {
        _dataplane.Replace(Article.Ruleset);
        _dataplane.Cleanup();
        _dataplane.Cleanup();
        Assert.Null(_kernel.Read());
        Assert.Throws<InvalidOperationException>(() => _dataplane.Apply(s_delta));
    }

    public void Dispose() => _dataplane.Dispose();
}
