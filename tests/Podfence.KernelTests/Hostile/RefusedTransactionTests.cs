using Podfence.Agent;
using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>The kernel refuses a transaction: what is in force stays, and the loop goes on until the rules are what they should be.</summary>
public sealed class RefusedTransactionTests
{
    [Fact]
    public async Task Refused_RealKernel_OldRulesStandUntilNewOnesCome()
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var kernels = new List<StubbornKernel>();
        await using var lab = await VillageLab.CreateAsync(kernel: real =>
        {
            kernels.Add(new StubbornKernel(real));
            return kernels[^1];
        });
        await lab.AssertEnforcesAsync();
        kernels[0].Refuses = true;
        var db = Village.Cluster.Policies.Single(static policy => policy.Key.Name == "db");

        // Both a change that opens and one that closes are held back.
        PolicyChange[] changes = [new(db.Key, db with { Ingress = [], Egress = [new PolicyRule([], [])] }, "change policy")];
        foreach (var node in lab.Nodes)
        {
            await node.PostAsync(changes, cancel);
        }

        await lab.First.Heard.UntilAsync(static heard => heard.Failures.Count >= 3, cancel);
        Assert.All(lab.First.Heard.Failures, static failure => Assert.Equal(DataplaneFailure.NoMemory, failure.Failure));
        await lab.AssertEnforcesAsync();
        kernels[0].Refuses = false;
        lab.Note(changes);
        await lab.First.Heard.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);

        await lab.AssertEnforcesAsync();
    }

    [Fact]
    public async Task OwnedByAnotherProcess_TableTakenHostage_ComesBackWhenThatEnds()
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await VillageLab.CreateAsync();
        var info = new System.Diagnostics.ProcessStartInfo(Tools.PathOf("nft")) { ArgumentList = { "-i" }, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using (var hostile = lab.Network.Node("n1").Start(info))
        {
            // A table with an owner can be changed by that process alone, and goes with it.
            await hostile.StandardInput.WriteLineAsync("delete table inet podfence; add table inet podfence { flags owner; }");
            await hostile.StandardInput.FlushAsync(cancel);
            await lab.First.Heard.UntilAsync(static heard => heard.Drifts.Count > 0 && heard.Failures.Count >= 2, cancel);
            Assert.Contains(lab.First.Heard.Drifts[0], static line => line.Contains("chain forward is missing", StringComparison.Ordinal) || line.Contains("the table is missing", StringComparison.Ordinal));
            hostile.StandardInput.Close();
            await hostile.WaitForExitAsync(cancel);
        }

        await lab.First.Heard.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);
        await lab.AssertEnforcesAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"meanwhile: {lab.First.Heard.Failures[0].Failure}: {lab.First.Heard.Failures[0].Message}");
    }

    [Fact]
    public async Task RefusedAtEachOperationInTurn_FakeKernel_EndsAsEvaluated()
    {
        var cancel = TestContext.Current.CancellationToken;
        for (var after = 0; after < 40; after++)
        {
            var cluster = ClusterGenerator.Generate(7_000 + after, 12);
            var kernel = new FlakyFake(after);
            var node = cluster.Nodes.Count > 0 ? cluster.Nodes[0].Name : "n1";
            await using var looped = new LoopedNode(node, kernel, new ReconcileOptions { RetryInterval = TimeSpan.FromMilliseconds(1), MaxRetryInterval = TimeSpan.FromMilliseconds(2), MinInterval = TimeSpan.Zero });
            var told = cluster.Changes.Where(Messages.CanBeTold).ToList();
            cluster = cluster with { Policies = cluster.Policies.Where(static policy => Messages.CanBeTold(new PolicyChange(policy.Key, policy, "policy"))).ToEquatableArray(), Changes = told.ToEquatableArray() };

            await looped.StartAsync(cluster, cancel);
            foreach (var change in told)
            {
                await looped.TellAsync([change], cancel);
            }

            Assert.NotEmpty(looped.Heard.Failures);
            using var reader = new NftablesDataplane(kernel.Fake);
            Assert.Empty(reader.Verify(new NodeCompiler(cluster.ToFinalState(), node).Snapshot()));
        }
    }

    /// <summary>The real kernel with a will of its own.</summary>
    private sealed class StubbornKernel(INftKernel real) : INftKernel
    {
        public volatile bool Refuses;

        public void Run(IReadOnlyList<NftOperation> operations)
        {
            if (Refuses)
            {
                throw new DataplaneException(DataplaneFailure.NoMemory, "the kernel has no memory");
            }

            real.Run(operations);
        }

        public NftTable? Read() => real.Read();

        public void WaitForPackets() => real.WaitForPackets();

        public uint Generation() => real.Generation();

        public void Dispose() => real.Dispose();
    }

    /// <summary>A fake that refuses every second transaction, after so many of its operations.</summary>
    private sealed class FlakyFake(int after) : INftKernel
    {
        private int _turn;

        public FakeKernel Fake { get; } = new();

        public void Run(IReadOnlyList<NftOperation> operations)
        {
            if (_turn++ % 2 == 0)
            {
                Fake.FailNext(new DataplaneException(DataplaneFailure.Rejected, "not now"), after);
            }

            Fake.Run(operations);
        }

        public NftTable? Read() => Fake.Read();

        public void WaitForPackets() => Fake.WaitForPackets();

        public uint Generation() => Fake.Generation();

        public void Dispose() => Fake.Dispose();
    }
}
