using Podfence.Agent;
using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// ipset or iptables fail, once or for long: the old rules stay in force, and the loop retries until the new ones are.
/// See also <see cref="FailedTransactionTests"/>.
/// </summary>
public sealed class IptFailedRunTests
{
    [Theory]
    [InlineData(IptablesVariant.Nft)]
    [InlineData(IptablesVariant.Legacy)]
    public async Task Failure_EveryRun_OldRulesStayUntilNewOnesAreInForce(IptablesVariant variant)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        List<FailingTools> tools = [];
        await using var lab = await TwoNodeLab.CreateAsync(node =>
        {
            var place = new LabNamespace(node);
            tools.Add(new FailingTools(new IptablesTools(new ToolRunner(place), variant, place)));
            return new IptablesDataplane(tools[^1]);
        });
        await lab.AssertEnforcesAsync();
        tools[0].Fails = static _ => true;
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
            Assert.Equal(DataplaneFailure.Conflict, failure.Failure)
        );
        await lab.AssertEnforcesAsync();
        tools[0].Fails = static _ => false;
        lab.Note(changes);
        await lab.First.Listener.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);

        await lab.AssertEnforcesAsync();
    }

    [Theory]
    [InlineData(IptablesVariant.Nft)]
    [InlineData(IptablesVariant.Legacy)]
    public async Task FailureAtEachRunInTurn_RealKernel_EndsAsEvaluated(IptablesVariant variant)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        for (var which = 0; which < 5; which++)
        {
            var cluster = ClusterGenerator.Generate(7_100 + which, 8);
            using var netns = new PrivateNetns();
            var place = new PrivateNamespace(netns);
            var tools = new FailingTools(new IptablesTools(new ToolRunner(place), variant, place));
            var at = which;
            tools.Fails = run => run % 5 == at;
            var node = cluster.Nodes.Count > 0 ? cluster.Nodes[0].Name : "n1";
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
            await using var node2 = new ReconciledNode(
                node,
                new IptablesDataplane(tools),
                new ReconcileOptions
                {
                    RetryInterval = TimeSpan.FromMilliseconds(1),
                    MaxRetryInterval = TimeSpan.FromMilliseconds(2),
                    MinInterval = TimeSpan.Zero,
                }
            );

            await node2.StartAsync(cluster, cancel);
            foreach (var change in sent)
            {
                await node2.SendAsync([change], cancel);
            }

            Assert.True(tools.Runs < 5 || node2.Listener.Failures.Count > 0, $"none of {tools.Runs} runs failed");
            tools.Fails = static _ => false;
            using var reader = new IptablesDataplane(new IptablesTools(new ToolRunner(place), variant, place));
            Assert.Empty(reader.Verify(new NodeCompiler(cluster.ToFinalState(), node).Snapshot()));
        }
    }

    /// <summary>The real programs with injected failures.</summary>
    private sealed class FailingTools(IIptables real) : IIptables
    {
        /// <summary>Which runs fail, by their number from 0.</summary>
        public Func<int, bool> Fails { get; set; } = static _ => false;

        public int Runs { get; private set; }

        public string Name => real.Name;

        public void RestoreSets(string script)
        {
            MayFail();
            real.RestoreSets(script);
        }

        public void RestoreTable(IpFamily family, string script)
        {
            MayFail();
            real.RestoreTable(family, script);
        }

        public void WaitForPackets() => real.WaitForPackets();

        public IptSnapshot Read() => real.Read();

        public uint? Generation() => real.Generation();

        public void Dispose() => real.Dispose();

        private void MayFail()
        {
            if (Fails(Runs++))
            {
                throw new DataplaneException(DataplaneFailure.Conflict, "another program holds the xtables lock");
            }
        }
    }
}
