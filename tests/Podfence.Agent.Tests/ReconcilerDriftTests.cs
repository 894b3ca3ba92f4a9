using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent.Tests;

/// <summary>When somebody else changes the packet filter.</summary>
public sealed class ReconcilerDriftTests
{
    private readonly TestNode _node = new();

    public static TheoryData<string, string> Tampering =>
        new()
        {
            { "delete", "the table is missing" },
            { "flush", "chain forward has 0 rules instead of " },
            { "unfence", "set ingress-v4: element 10.0.0.2: jump " },
        };

    private static ClusterEvent[] Cluster => [Sample.Policy, Sample.Pod(1), Sample.Pod(2, "client")];

    [Theory]
    [MemberData(nameof(Tampering))]
    public void Step_TableChangedByOthers_ReportsAndRepairs(string how, string told)
    {
        var agent = _node.StartWith(Cluster);
        var map = _node.Fake.Read()!.Sets["ingress-v4"];
        _node.Fake.Tamper(
            how switch
            {
                "delete" => new DeleteTable(),
                "flush" => new FlushChain("forward"),
                _ => new DeleteElements(
                    map.Set,
                    [map.Elements.Single(element => element.Key == Rulesets.SetElement.Of(Sample.Address(1)))]
                ),
            }
        );
        _node.Pass(agent, _node.Options.DriftInterval + _node.Options.MinInterval);
        Assert.StartsWith(told, Assert.Single(Assert.Single(_node.Listener.Drifts)));
        Assert.Empty(Sample.Differences(_node.Fake, Cluster));
        Assert.True(_node.Listener.Changes[^1].Replaced);

        // And that is the end of it.
        _node.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Single(_node.Listener.Drifts);
        Assert.Equal(2, _node.Listener.Changes.Count);
    }

    [Fact]
    public void Step_TableChangedByOthersJustBeforeAWrite_IsDetected()
    {
        var agent = _node.StartWith(Cluster);
        _node.Fake.Tamper(new FlushChain("forward"));
        _node.Send(agent, Sample.Pod(3));
        Assert.Equal(2, _node.Listener.Changes.Count);
        _node.Pass(agent, _node.Options.DriftInterval + _node.Options.MinInterval);
        Assert.Single(_node.Listener.Drifts);
        Assert.Empty(Sample.Differences(_node.Fake, [.. Cluster, Sample.Pod(3)]));
    }

    [Fact]
    public void Step_TableMissingOnChange_FailsAndIsReplaced()
    {
        var agent = _node.StartWith(Cluster);
        _node.Fake.Tamper(new DeleteTable());
        _node.Send(agent, Sample.Pod(3), new SyncPoint(2));
        Assert.Equal(DataplaneFailure.Conflict, Assert.Single(_node.Listener.Failures).Failure.Failure);
        _node.Pass(agent, _node.Options.RetryInterval);
        Assert.Equal([1, 2], _node.Listener.SyncPoints);
        Assert.Empty(Sample.Differences(_node.Fake, [.. Cluster, Sample.Pod(3)]));
    }

    [Fact]
    public void Step_AnotherTableChanged_IsReadBackOnceAndNotRepaired()
    {
        var agent = _node.StartWith(Cluster);
        var reads = _node.Kernel.Reads;
        _node.Fake.TouchForeignTable();
        _node.Pass(agent, TimeSpan.FromMinutes(1));
        Assert.Equal(reads + 1, _node.Kernel.Reads);
        Assert.Empty(_node.Listener.Drifts);
        Assert.Single(_node.Listener.Changes);
    }

    [Fact]
    public void Step_NoChangesByOthers_IsNeverReadBack()
    {
        var agent = _node.StartWith(Cluster);
        var reads = _node.Kernel.Reads;
        for (var i = 0; i < 100; i++)
        {
            _node.Send(agent, Sample.Pod(3 + i));
            _node.Pass(agent, TimeSpan.FromSeconds(1));
        }

        Assert.Equal(reads, _node.Kernel.Reads);
    }

    [Fact]
    public void Step_OtherTablesChangeAllTheTime_IsReadBackOncePerDriftInterval()
    {
        var agent = _node.StartWith(Cluster);
        var reads = _node.Kernel.Reads;
        for (var i = 0; i < 6000; i++)
        {
            _node.Fake.TouchForeignTable();
            _node.Pass(agent, TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(_node.Kernel.Reads - reads, 110, 120);
        Assert.Empty(_node.Listener.Drifts);
        Assert.Single(_node.Listener.Changes);
    }

    [Fact]
    public void Step_CostlyReads_KeepToTheFraction()
    {
        var agent = _node.StartWith(Cluster);
        var reads = _node.Kernel.Reads;
        _node.Kernel.ReadCost = TimeSpan.FromMilliseconds(200);
        var begin = _node.Time.GetUtcNow();
        while (_node.Time.GetUtcNow() - begin < TimeSpan.FromMinutes(7))
        {
            _node.Fake.TouchForeignTable();
            _node.Pass(agent, TimeSpan.FromMilliseconds(100));
        }

        // 0.2 s of every 4.2 s.
        Assert.InRange(_node.Kernel.Reads - reads, 95, 100);
    }

    [Fact]
    public void Step_CostlyReadsAndConstantDrift_RepairsKeepToTheFraction()
    {
        var agent = _node.StartWith(Cluster);
        var reads = _node.Kernel.Reads;
        _node.Kernel.ReadCost = TimeSpan.FromMilliseconds(200);
        var begin = _node.Time.GetUtcNow();
        while (_node.Time.GetUtcNow() - begin < TimeSpan.FromMinutes(7))
        {
            if (_node.Fake.Read()!.Chains["forward"].Rules.Count > 0)
            {
                _node.Fake.Tamper(new FlushChain("forward"));
            }

            _node.Pass(agent, TimeSpan.FromMilliseconds(100));
        }

        // Each look is followed by a repair, which reads too.
        Assert.InRange(_node.Kernel.Reads - reads, 180, 200);
    }

    [Fact]
    public void Step_TableCannotBeRead_IsReplacedAtOnceAndCheckedWithBackoff()
    {
        var agent = _node.StartWith(Cluster);
        _node.Kernel.Unreadable = new DataplaneException(
            DataplaneFailure.Conflict,
            "the packet filter changed during each attempt"
        );
        for (var i = 0; i < 600; i++)
        {
            _node.Fake.TouchForeignTable();
            _node.Pass(agent, TimeSpan.FromMilliseconds(100));
        }

        // 0.5 s four times, then 0.8, 1.6, 3.2, 6.4 and 10 s.
        Assert.All(_node.Listener.Failures, static failure => Assert.Equal(TimeSpan.Zero, failure.RetryAfter));
        Assert.InRange(_node.Listener.Failures.Count, 10, 13);
        Assert.Equal(_node.Listener.Failures.Count + 1, _node.Listener.Changes.Count);

        // Changes are written meanwhile without delay.
        _node.Send(agent, Sample.Pod(3), new SyncPoint(2));
        Assert.Equal([1, 2], _node.Listener.SyncPoints);
        Assert.Empty(Sample.Differences(_node.Fake, [.. Cluster, Sample.Pod(3)]));

        // Once it can be read, drift is found as soon as ever.
        _node.Kernel.Unreadable = null;
        _node.Pass(agent, _node.Options.MaxRetryInterval);
        _node.Fake.Tamper(new DeleteTable());
        _node.Pass(agent, _node.Options.DriftInterval + _node.Options.MinInterval);
        Assert.Single(_node.Listener.Drifts);
        Assert.Empty(Sample.Differences(_node.Fake, [.. Cluster, Sample.Pod(3)]));
    }

    [Fact]
    public void Step_RepairFails_IsRetriedWithBackoff()
    {
        var agent = _node.StartWith(Cluster);
        _node.Fake.Tamper(new DeleteTable());
        _node.Kernel.DenyAction = Sample.NoMemory;
        _node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Single(_node.Listener.Drifts);
        Assert.Equal([50, 100, 200, 400], _node.Listener.Waits);
        _node.Kernel.DenyAction = null;
        _node.Pass(agent, TimeSpan.FromSeconds(1));
        Assert.Empty(Sample.Differences(_node.Fake, Cluster));
    }

    [Fact]
    public void Step_DuringAFloodOfEvents_StillChecksForDrift()
    {
        var agent = _node.StartWith(Cluster);
        _node.Fake.Tamper(new FlushChain("forward"));
        for (var i = 0; i < 600; i++)
        {
            _node.Time.Advance(TimeSpan.FromMilliseconds(1));
            _node.Send(agent, Sample.Pod(3 + (i % 2), i % 3 == 0 ? "client" : "server"));
        }

        Assert.Single(_node.Listener.Drifts);
        Assert.NotEmpty(_node.Fake.Read()!.Chains["forward"].Rules);
    }
}
