using System.Text;
using Podfence.Base;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation.Tests;

public sealed class NodeCompilerTests
{
    private readonly ClusterState _state = new();

    public NodeCompilerTests()
    {
        _state.Upsert(Namespace.Create("default"));
        Add("web", "10.0.1.1", "n1", ("app", "web"));
        Add("db", "10.0.1.2", "n1", ("app", "db"));
        Add("job", "10.0.2.1", "n2", ("app", "job"));
    }

    [Fact]
    public void Snapshot_PolicyThatSelectsOnlyRemotePods_IsEmpty()
    {
        _state.Upsert(Policy("p", "job"));

        var ruleset = new NodeCompiler(_state, "n1").Snapshot();

        Assert.Empty(ruleset.Fences);
        Assert.Empty(ruleset.Sets);
        Assert.Empty(ruleset.Endpoints);
    }

    [Fact]
    public void Snapshot_SamePeerInManyPolicies_IsOneSet()
    {
        for (var i = 0; i < 50; i++)
        {
            _state.Upsert(Policy($"p{i}", i % 2 == 0 ? "web" : "db", Peer("job")));
        }

        Assert.Single(new NodeCompiler(_state, "n1").Snapshot().Sets);
    }

    [Fact]
    public void Snapshot_PodsWithTheSamePolicies_ShareAFence()
    {
        Add("web2", "10.0.1.3", "n1", ("app", "web"));
        _state.Upsert(Policy("p", "web", Peer("job")));

        var ruleset = new NodeCompiler(_state, "n1").Snapshot();

        Assert.Single(ruleset.Fences);
        Assert.Equal(2, ruleset.Endpoints.Count);
    }

    [Theory]
    [InlineData(
        "NetworkPolicy",
        """{"metadata":{"name":"p","namespace":"default"ANNOTATIONS},"spec":{"podSelector":{},"ingress":[{}]}}"""
    )]
    [InlineData("Namespace", """{"metadata":{"name":"default"ANNOTATIONS}}""")]
    public void Flush_LintAnnotationChanged_IsEmpty(string kind, string json)
    {
        var plain = Read("");
        _state.Upsert(plain);
        var compiler = new NodeCompiler(_state, "n1");
        compiler.Snapshot();

        var annotated = Read(""","annotations":{"podfence.io/lint-ignore":"PF016"}""");
        _state.Upsert(annotated);

        Assert.Equal(plain, annotated);
        Assert.True(compiler.Flush().IsEmpty);

        ClusterObject Read(string annotations)
        {
            var text = Encoding.UTF8.GetBytes(json.Replace("ANNOTATIONS", annotations, StringComparison.Ordinal));
            ApiObjectReader.ReadOfKind(kind, text, out var item, out _);
            return item!.Value;
        }
    }

    [Fact]
    public void Flush_RemotePodMatchesAPeer_AddsOneElement()
    {
        _state.Upsert(Policy("p", "db", Peer("job")));
        var compiler = new NodeCompiler(_state, "n1");
        compiler.Snapshot();

        Add("job2", "10.0.2.2", "n2", ("app", "job"));
        var delta = compiler.Flush();

        Assert.Equal(
            SetElement.Of(IpAddress.Parse("10.0.2.2")),
            Assert.Single(Assert.Single(delta.ChangedSets).Value.Added)
        );
        Assert.Empty(delta.Fences);
        Assert.Empty(delta.Endpoints);
    }

    [Fact]
    public void Flush_ChangeThatNoPolicySelects_IsEmpty()
    {
        _state.Upsert(Policy("p", "db", Peer("job")));
        var compiler = new NodeCompiler(_state, "n1");
        compiler.Snapshot();

        Add("other", "10.0.2.9", "n2", ("app", "other"));
        _state.Upsert(Policy("q", "job", Peer("db")));

        Assert.True(compiler.Flush().IsEmpty);
    }

    [Fact]
    public void Flush_ChangeAndItsReversal_IsEmpty()
    {
        _state.Upsert(Policy("p", "db", Peer("job")));
        var compiler = new NodeCompiler(_state, "n1");
        compiler.Snapshot();

        var job = _state.FindPod(new PodKey("default", "job"))!;
        _state.RemovePod(job.Key);
        _state.RemovePolicy(new PolicyKey("default", "p"));
        _state.Upsert(job);
        _state.Upsert(Policy("p", "db", Peer("job")));

        Assert.True(compiler.Flush().IsEmpty);
    }

    [Fact]
    public void Snapshot_NamedPortThatThePodDoesNotDeclare_IsolatesAndAllowsNothing()
    {
        _state.Upsert(
            Policy("p", "db", Peer("job")) with
            {
                Ingress = [new PolicyRule([], [new PolicyPort(Protocol.Tcp, Name: "redis")])],
            }
        );

        var fence = Assert.Single(new NodeCompiler(_state, "n1").Snapshot().Fences).Value;

        Assert.True(fence.Rules.IsEmpty);
        Assert.True(fence.Branches.IsEmpty);
    }

    [Theory]
    [InlineData(90, 80)]
    [InlineData(70_000, 70_001)]
    [InlineData(-1, 5)]
    public void Snapshot_EmptyPortRange_AllowsNothing(int first, int last)
    {
        _state.Upsert(
            Policy("p", "db") with
            {
                Ingress = [new PolicyRule([], [new PolicyPort(Protocol.Tcp, first, last)])],
            }
        );

        Assert.True(Assert.Single(new NodeCompiler(_state, "n1").Snapshot().Fences).Value.Rules.IsEmpty);
    }

    [Fact]
    public void Snapshot_UnreadableSubject_IsolatesEveryPodOfTheNamespace()
    {
        _state.Upsert(Policy("p", "db") with { PodSelector = new LabelSelector { Unreadable = true } });

        Assert.Equal(2, new NodeCompiler(_state, "n1").Snapshot().Endpoints.Count);
    }

    [Fact]
    public void Snapshot_HostNetworkAndFinishedPods_AreNeitherFencedNorPeers()
    {
        _state.Upsert(_state.FindPod(new PodKey("default", "web"))! with { HostNetwork = true });
        _state.Upsert(_state.FindPod(new PodKey("default", "job"))! with { Phase = PodPhase.Failed });
        _state.Upsert(
            new NetworkPolicy
            {
                Key = new PolicyKey("default", "all"),
                IsolatesIngress = true,
                Ingress = [new PolicyRule([new SelectorPeer(null, LabelSelector.Everything)], [])],
            }
        );

        var ruleset = new NodeCompiler(_state, "n1").Snapshot();

        Assert.Equal("10.0.1.2", Assert.Single(ruleset.Endpoints).Key.ToString());
        Assert.Equal("10.0.1.2", Assert.Single(Assert.Single(ruleset.Sets).Value).ToString());
    }

    [Fact]
    public void Snapshot_LabelValuesWithTheTextOfAnotherSelector_AreAnotherSet()
    {
        // A stored object may have label values that validation rejects today.
        _state.Upsert(
            Policy(
                "p",
                "db",
                Peer("x"),
                new SelectorPeer(null, LabelSelector.MatchLabels(("app", "x,b=y"))),
                new SelectorPeer(null, LabelSelector.MatchLabels(("app", "x"), ("b", "y")))
            )
        );

        Assert.Equal(3, new NodeCompiler(_state, "n1").Snapshot().Sets.Count);
    }

    private static SelectorPeer Peer(string app) => new(null, LabelSelector.MatchLabels(("app", app)));

    private static NetworkPolicy Policy(string name, string app, params PolicyPeer[] from) =>
        new()
        {
            Key = new PolicyKey("default", name),
            PodSelector = LabelSelector.MatchLabels(("app", app)),
            IsolatesIngress = true,
            Ingress = [new PolicyRule(from.ToEquatableArray(), [])],
        };

    private void Add(string name, string address, string node, params (string Key, string Value)[] labels) =>
        _state.Upsert(
            new Pod
            {
                Key = new PodKey("default", name),
                Addresses = [IpAddress.Parse(address)],
                NodeName = node,
                Phase = PodPhase.Running,
                Labels = LabelSet.Of(labels),
            }
        );
}
