using Podfence.Dataplane.Nftables;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>When somebody else changes the packet filter.</summary>
public sealed class ReconcilerDriftTests
{
    private readonly Rig _rig = new();

    public static TheoryData<string, string> Tampering => new()
    {
        { "delete", "the table is missing" },
        { "flush", "chain forward has 0 rules in place of " },
        { "unfence", "set ingress-v4: element 10.0.0.2: jump " },
    };

    private static ClusterEvent[] Cluster => [Sample.Policy, Sample.Pod(1), Sample.Pod(2, "client")];

    [Theory]
    [MemberData(nameof(Tampering))]
    public void Step_TableWasTamperedWith_SaysHowAndPutsItRight(string how, string told)
    {
        var agent = _rig.StartWith(Cluster);
        var map = _rig.Fake.Read()!.Sets["ingress-v4"];
        _rig.Fake.Tamper(how switch
        {
            "delete" => new DeleteTable(),
            "flush" => new FlushChain("forward"),
            _ => new DeleteElements(map.Set, [map.Elements.Single(element => element.Key == Rulesets.SetElement.Of(Sample.Address(1)))]),
        });
        _rig.Pass(agent, _rig.Options.DriftInterval + _rig.Options.MinInterval);
        Assert.StartsWith(told, Assert.Single(Assert.Single(_rig.Heard.Drifts)));
        Assert.Empty(Sample.Differences(_rig.Fake, Cluster));
        Assert.True(_rig.Heard.Changes[^1].Replaced);

        // And that is the end of it.
        _rig.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Single(_rig.Heard.Drifts);
        Assert.Equal(2, _rig.Heard.Changes.Count);
    }

    [Fact]
    public void Step_TamperedWithJustBeforeOurOwnChange_IsNoticedAllTheSame()
    {
        var agent = _rig.StartWith(Cluster);
        _rig.Fake.Tamper(new FlushChain("forward"));
        _rig.Tell(agent, Sample.Pod(3));
        Assert.Equal(2, _rig.Heard.Changes.Count);
        _rig.Pass(agent, _rig.Options.DriftInterval + _rig.Options.MinInterval);
        Assert.Single(_rig.Heard.Drifts);
        Assert.Empty(Sample.Differences(_rig.Fake, [.. Cluster, Sample.Pod(3)]));
    }

    [Fact]
    public void Step_OurChangeFindsTheTableGone_FailsAndIsReplaced()
    {
        var agent = _rig.StartWith(Cluster);
        _rig.Fake.Tamper(new DeleteTable());
        _rig.Tell(agent, Sample.Pod(3), new Barrier(2));
        Assert.Equal(DataplaneFailure.Conflict, Assert.Single(_rig.Heard.Failures).Failure.Failure);
        _rig.Pass(agent, _rig.Options.RetryInterval);
        Assert.Equal([1, 2], _rig.Heard.Barriers);
        Assert.Empty(Sample.Differences(_rig.Fake, [.. Cluster, Sample.Pod(3)]));
    }

    [Fact]
    public void Step_AnotherTableWasChanged_IsReadBackOnceAndNotRepaired()
    {
        var agent = _rig.StartWith(Cluster);
        var reads = _rig.Kernel.Reads;
        _rig.Fake.TouchForeignTable();
        _rig.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Equal(reads + 1, _rig.Kernel.Reads);
        Assert.Empty(_rig.Heard.Drifts);
        Assert.Single(_rig.Heard.Changes);
    }

    [Fact]
    public void Step_NobodyTouchesAnything_IsNeverReadBack()
    {
        var agent = _rig.StartWith(Cluster);
        var reads = _rig.Kernel.Reads;
        for (var i = 0; i < 100; i++)
        {
            _rig.Tell(agent, Sample.Pod(3 + i));
            _rig.Pass(agent, TimeSpan.FromSeconds(1));
        }

        Assert.Equal(reads, _rig.Kernel.Reads);
    }

    [Fact]
    public void Step_OthersChangeTheirTablesAllTheTime_IsReadBackOncePerDriftInterval()
    {
        var agent = _rig.StartWith(Cluster);
        var reads = _rig.Kernel.Reads;
        for (var i = 0; i < 6000; i++)
        {
            _rig.Fake.TouchForeignTable();
            _rig.Pass(agent, TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(_rig.Kernel.Reads - reads, 110, 120);
        Assert.Empty(_rig.Heard.Drifts);
        Assert.Single(_rig.Heard.Changes);
    }

    [Fact]
    public void Step_ReadingBackIsCostly_IsDoneForItsShareOfTheTimeOnly()
    {
        var agent = _rig.StartWith(Cluster);
        var reads = _rig.Kernel.Reads;
        _rig.Kernel.ReadCost = TimeSpan.FromMilliseconds(200);
        var begin = _rig.Time.GetUtcNow();
        while (_rig.Time.GetUtcNow() - begin < TimeSpan.FromMinutes(7))
        {
            _rig.Fake.TouchForeignTable();
            _rig.Pass(agent, TimeSpan.FromMilliseconds(100));
        }

        // 0.2 s of every 4.2 s.
        Assert.InRange(_rig.Kernel.Reads - reads, 95, 100);
    }

    [Fact]
    public void Step_ReadingBackIsCostlyAndTheTableIsTamperedWithAllTheTime_RepairsKeepToTheShareToo()
    {
        var agent = _rig.StartWith(Cluster);
        var reads = _rig.Kernel.Reads;
        _rig.Kernel.ReadCost = TimeSpan.FromMilliseconds(200);
        var begin = _rig.Time.GetUtcNow();
        while (_rig.Time.GetUtcNow() - begin < TimeSpan.FromMinutes(7))
        {
            if (_rig.Fake.Read()!.Chains["forward"].Rules.Count > 0)
            {
                _rig.Fake.Tamper(new FlushChain("forward"));
            }

            _rig.Pass(agent, TimeSpan.FromMilliseconds(100));
        }

        // Each look is followed by a repair, which reads too.
        Assert.InRange(_rig.Kernel.Reads - reads, 180, 200);
    }

    [Fact]
    public void Step_TableCannotBeRead_IsReplacedAtOnceAndLookedAtMoreAndMoreSeldom()
    {
        var agent = _rig.StartWith(Cluster);
        _rig.Kernel.Unreadable = new DataplaneException(DataplaneFailure.Conflict, "the packet filter changed during each attempt");
        for (var i = 0; i < 600; i++)
        {
            _rig.Fake.TouchForeignTable();
            _rig.Pass(agent, TimeSpan.FromMilliseconds(100));
        }

        // 0.5 s four times, then 0.8, 1.6, 3.2, 6.4 and 10 s.
        Assert.All(_rig.Heard.Failures, static failure => Assert.Equal(TimeSpan.Zero, failure.RetryAfter));
        Assert.InRange(_rig.Heard.Failures.Count, 10, 13);
        Assert.Equal(_rig.Heard.Failures.Count + 1, _rig.Heard.Changes.Count);

        // Changes are written meanwhile without delay.
        _rig.Tell(agent, Sample.Pod(3), new Barrier(2));
        Assert.Equal([1, 2], _rig.Heard.Barriers);
        Assert.Empty(Sample.Differences(_rig.Fake, [.. Cluster, Sample.Pod(3)]));

        // Once it can be read, drift is found as soon as ever.
        _rig.Kernel.Unreadable = null;
        _rig.Pass(agent, _rig.Options.MaxRetryInterval);
        _rig.Fake.Tamper(new DeleteTable());
        _rig.Pass(agent, _rig.Options.DriftInterval + _rig.Options.MinInterval);
        Assert.Single(_rig.Heard.Drifts);
        Assert.Empty(Sample.Differences(_rig.Fake, [.. Cluster, Sample.Pod(3)]));
    }

    [Fact]
    public void Step_RepairFails_IsTriedAgainWithBackoff()
    {
        var agent = _rig.StartWith(Cluster);
        _rig.Fake.Tamper(new DeleteTable());
        _rig.Kernel.DenyAction = Sample.NoMemory;
        _rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Single(_rig.Heard.Drifts);
        Assert.Equal([50, 100, 200, 400], _rig.Heard.Waits);
        _rig.Kernel.DenyAction = null;
        _rig.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Empty(Sample.Differences(_rig.Fake, Cluster));
    }

    [Fact]
    public void Step_UnderAFloodOfEvents_StillLooks()
    {
        var agent = _rig.StartWith(Cluster);
        _rig.Fake.Tamper(new FlushChain("forward"));
        for (var i = 0; i < 600; i++)
        {
            _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
            _rig.Tell(agent, Sample.Pod(3 + (i % 2), i % 3 == 0 ? "client" : "server"));
        }

        Assert.Single(_rig.Heard.Drifts);
        Assert.NotEmpty(_rig.Fake.Read()!.Chains["forward"].Rules);
    }
}
