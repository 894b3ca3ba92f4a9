using Podfence.Agent;
using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// The kernel rejects a transaction: the old rules stay in force, and the loop retries until the new ones are.
/// </summary>
public sealed class FailedTransactionTests
{
    [Fact]
    public async Task Rejected_RealKernel_OldRulesStayUntilNewOnesAreInForce()
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        var kernels = new List<FailingKernel>();
        await using var lab = await TwoNodeLab.CreateAsync(kernel: real =>
        {
            kernels.Add(new FailingKernel(real));
            return kernels[^1];
        });
        await lab.AssertEnforcesAsync();
        kernels[0].Fails = true;
        var db = TwoNodeCluster.Cluster.Policies.Single(static policy => policy.Key.Name == "db");

        // Both a change that allows and one that denies are delayed.
        PolicyChange[] changes =
        [
            new(db.Key, db with { Ingress = [], Egress = [new PolicyRule([], [])] }, "change policy"),
        ];
        foreach (var node in lab.Nodes)
        {
            await node.PostAsync(changes, cancel);
        }

        await lab.First.Listener.UntilAsync(static listener => listener.Failures.Count >= 3, cancel);
        Assert.All(lab.First.Listener.Failures, static failure =>
            Assert.Equal(DataplaneFailure.NoMemory, failure.Failure)
        );
        await lab.AssertEnforcesAsync();
        kernels[0].Fails = false;
        lab.Note(changes);
        await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);

        await lab.AssertEnforcesAsync();
    }

    [Fact]
    public async Task TableOwnedByAnotherProcess_IsRestoredWhenThatEnds()
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var lab = await TwoNodeLab.CreateAsync();
        var info = new System.Diagnostics.ProcessStartInfo(Tools.PathOf("nft"))
        {
            ArgumentList = { "-i" },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using (var hostile = lab.Network.Node("n1").Start(info))
        {
            // A table with an owner can be changed by that process alone, and goes with it.
            await hostile.StandardInput.WriteLineAsync(
                "delete table inet podfence; add table inet podfence { flags owner; }"
            );
            await hostile.StandardInput.FlushAsync(cancel);
            await lab.First.Listener.UntilAsync(
                static listener => listener.Drifts.Count > 0 && listener.Failures.Count >= 2,
                cancel
            );
            Assert.Contains(lab.First.Listener.Drifts[0], static line =>
                line.Contains("chain forward is missing", StringComparison.Ordinal)
                || line.Contains("the table is missing", StringComparison.Ordinal)
            );
            hostile.StandardInput.Close();
            await hostile.WaitForExitAsync(cancel);
        }

        await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);
        await lab.AssertEnforcesAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"meanwhile: {lab.First.Listener.Failures[0].Failure}: {lab.First.Listener.Failures[0].Message}"
        );
    }

    [Fact]
    public async Task FailureAtEachOperationInTurn_FakeKernel_EndsAsEvaluated()
    {
        var cancel = TestContext.Current.CancellationToken;
        for (var after = 0; after < 40; after++)
        {
            var cluster = ClusterGenerator.Generate(7_000 + after, 12);
            var kernel = new FlakyFakeKernel(after);
            var node = cluster.Nodes.Count > 0 ? cluster.Nodes[0].Name : "n1";
            await using var node2 = new ReconciledNode(
                node,
                kernel,
                new ReconcileOptions
                {
                    RetryInterval = TimeSpan.FromMilliseconds(1),
                    MaxRetryInterval = TimeSpan.FromMilliseconds(2),
                    MinInterval = TimeSpan.Zero,
                }
            );
            var sent = cluster.Changes.Where(Messages.IsExpressible).ToList();
            cluster = cluster with
            {
                Policies = cluster
                    .Policies.Where(static policy =>
                        Messages.IsExpressible(new PolicyChange(policy.Key, policy, "policy"))
                    )
                    .ToEquatableArray(),
                Changes = sent.ToEquatableArray(),
            };

            await node2.StartAsync(cluster, cancel);
            foreach (var change in sent)
            {
                await node2.SendAsync([change], cancel);
            }

            Assert.NotEmpty(node2.Listener.Failures);
            using var reader = new NftablesDataplane(kernel.Fake);
            Assert.Empty(reader.Verify(new NodeCompiler(cluster.ToFinalState(), node).Snapshot()));
        }
    }

    /// <summary>The real kernel with injected failures.</summary>
    private sealed class FailingKernel(INftKernel real) : INftKernel
    {
        public volatile bool Fails;

        public void Run(IReadOnlyList<NftOperation> operations)
        {
            if (Fails)
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

    /// <summary>A fake that fails every second transaction, after the given number of its operations.</summary>
    private sealed class FlakyFakeKernel(int after) : INftKernel
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
