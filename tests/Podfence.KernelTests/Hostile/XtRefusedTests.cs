using Podfence.Agent;
using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>ipset or iptables refuse a run, once or for long: what is in force stays, and the loop goes on until the rules are what they should be. The like of <see cref="RefusedTransactionTests"/>.</summary>
public sealed class XtRefusedTests
{
    [Theory]
    [InlineData(IptablesVariant.Nft)]
    [InlineData(IptablesVariant.Legacy)]
    public async Task Refused_EveryRun_OldRulesStandUntilNewOnesCome(IptablesVariant variant)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        List<StubbornTools> tools = [];
        await using var lab = await VillageLab.CreateAsync(node =>
        {
            var place = new LabPlace(node);
            tools.Add(new StubbornTools(new IptablesTools(new ToolRunner(place), variant, place)));
            return new IptablesDataplane(tools[^1]);
        });
        await lab.AssertEnforcesAsync();
        tools[0].Refuses = static _ => true;
        var db = Village.Cluster.Policies.Single(static policy => policy.Key.Name == "db");

        // Both a change that opens and one that closes are held back.
        PolicyChange[] changes = [new(db.Key, db with { Ingress = [], Egress = [new PolicyRule([], [])] }, "change policy")];
        foreach (var node in lab.Nodes)
        {
            await node.PostAsync(changes, cancel);
        }

        await lab.First.Heard.UntilAsync(static heard => heard.Failures.Count >= 3, cancel);
        Assert.All(lab.First.Heard.Failures, static failure => Assert.Equal(DataplaneFailure.Conflict, failure.Failure));
        await lab.AssertEnforcesAsync();
        tools[0].Refuses = static _ => false;
        lab.Note(changes);
        await lab.First.Heard.UntilAsync(_ => lab.Drift("n1").Count == 0, cancel);

        await lab.AssertEnforcesAsync();
    }

    [Theory]
    [InlineData(IptablesVariant.Nft)]
    [InlineData(IptablesVariant.Legacy)]
    public async Task RefusedAtEachRunInTurn_RealKernel_EndsAsEvaluated(IptablesVariant variant)
    {
        Root.Require();
        var cancel = TestContext.Current.CancellationToken;
        for (var which = 0; which < 5; which++)
        {
            var cluster = ClusterGenerator.Generate(7_100 + which, 8);
            using var netns = new PrivateNetns();
            var place = new NetnsPlace(netns);
            var tools = new StubbornTools(new IptablesTools(new ToolRunner(place), variant, place));
            var at = which;
            tools.Refuses = run => run % 5 == at;
            var node = cluster.Nodes.Count > 0 ? cluster.Nodes[0].Name : "n1";
            var told = cluster.Changes.Where(Messages.CanBeTold).ToList();
            cluster = cluster with { Policies = cluster.Policies.Where(static policy => Messages.CanBeTold(new PolicyChange(policy.Key, policy, "policy"))).ToEquatableArray(), Changes = told.ToEquatableArray() };
            await using var looped = new LoopedNode(
                node, new IptablesDataplane(tools), new ReconcileOptions { RetryInterval = TimeSpan.FromMilliseconds(1), MaxRetryInterval = TimeSpan.FromMilliseconds(2), MinInterval = TimeSpan.Zero });

            await looped.StartAsync(cluster, cancel);
            foreach (var change in told)
            {
                await looped.TellAsync([change], cancel);
            }

            Assert.True(tools.Runs < 5 || looped.Heard.Failures.Count > 0, $"nothing of {tools.Runs} runs was refused");
            tools.Refuses = static _ => false;
            using var reader = new IptablesDataplane(new IptablesTools(new ToolRunner(place), variant, place));
            Assert.Empty(reader.Verify(new NodeCompiler(cluster.ToFinalState(), node).Snapshot()));
        }
    }

    /// <summary>The real programs with a will of their own.</summary>
    private sealed class StubbornTools(IIptables real) : IIptables
    {
        /// <summary>Which runs are refused, by their number from 0.</summary>
        public Func<int, bool> Refuses { get; set; } = static _ => false;

        public int Runs { get; private set; }

        public string Name => real.Name;

        public void RestoreSets(string script)
        {
            MayRefuse();
            real.RestoreSets(script);
        }

        public void RestoreTable(IpFamily family, string script)
        {
            MayRefuse();
            real.RestoreTable(family, script);
        }

        public void WaitForPackets() => real.WaitForPackets();

        public IptSnapshot Read() => real.Read();

        public uint? Generation() => real.Generation();

        public void Dispose() => real.Dispose();

        private void MayRefuse()
        {
            if (Refuses(Runs++))
            {
                throw new DataplaneException(DataplaneFailure.Conflict, "somebody else holds the xtables lock");
            }
        }
    }
}
