using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>Where a packet in flight could see a mix of two transactions, the second waits for it.</summary>
public sealed class PacketWaitTests : IDisposable
{
    private readonly LoggingKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void Apply_FencedPodGoesFromAClosedNode_WaitsBetweenUnknownAndUnfenced()
    {
        using var dataplane = new NftablesDataplane(_kernel);
        var (before, after) = (
            Node(UnknownPodIps.Deny, Article.Db, Article.Web),
            Node(UnknownPodIps.Deny, Article.Web)
        );
        dataplane.Replace(before);
        _kernel.Log.Clear();

        dataplane.Apply(RulesetDiff.Between(before, after));
        Assert.Equal(
            [
                "DeleteElements known-v4",
                "wait",
                "DeleteElements egress-v4, DeleteElements ingress-v4, DeleteElements self-v4",
            ],
            _kernel.Log
        );
        Assert.Empty(dataplane.Verify(after));
    }

    [Fact]
    public void Apply_PodWithANewFenceComesToAClosedNode_WaitsAfterTheFenceIsMade()
    {
        var before = Node(UnknownPodIps.Deny) with
        {
            Fences = new Dictionary<string, Fence>(),
            Sets = new Dictionary<SetId, IEnumerable<SetElement>>(),
        };
        var log = Change(before, Node(UnknownPodIps.Deny, Article.Db));
        Assert.Contains("AddChain", log[^3], StringComparison.Ordinal);
        Assert.Equal("wait", log[^2]);
        Assert.Contains("AddElements known-v4", log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_PodComesToAFenceThatIsThere_DoesNotWait() =>
        Assert.DoesNotContain(
            "wait",
            Change(Node(UnknownPodIps.Deny, Article.Web), Node(UnknownPodIps.Deny, Article.Db, Article.Web))
        );

    [Fact]
    public void Apply_FencedPodGoesFromAnOpenNode_DoesNotWait() =>
        Assert.DoesNotContain(
            "wait",
            Change(Node(UnknownPodIps.Allow, Article.Db, Article.Web), Node(UnknownPodIps.Allow, Article.Web))
        );

    [Fact]
    public void Wait_OnThisKernel_IsTheKernelsOwn() => Assert.True(RcuBarrier.Wait());

    private static Ruleset Node(UnknownPodIps unknown, params IpAddress[] pods)
    {
        var (first, last) = (IpAddress.Parse("10.244.0.0"), IpAddress.Parse("10.244.0.255"));
        return Article.Ruleset with
        {
            Options = new RulesetOptions { UnknownPodIps = unknown },
            Endpoints = pods.ToDictionary(
                static pod => pod,
                static pod => new FencedEndpoint(new PodKey("default", $"p{pod}"), Article.Ingress, Article.Egress)
            ),
            PodRanges = unknown == UnknownPodIps.Allow ? [] : [new IpRange(first, last)],
            KnownPodIps = unknown == UnknownPodIps.Allow ? [] : pods,
        };
    }

    private List<string> Change(Ruleset before, Ruleset after)
    {
        using var dataplane = new NftablesDataplane(_kernel);
        dataplane.Replace(before);
        dataplane.Apply(RulesetDiff.Between(before, after));
        Assert.Empty(dataplane.Verify(after));
        return _kernel.Log;
    }

    /// <summary>The fake kernel, with what it was asked in order.</summary>
    private sealed class LoggingKernel : INftKernel
    {
        private readonly FakeKernel _fake = new();

        public List<string> Log { get; } = [];

        public void Run(IReadOnlyList<NftOperation> operations)
        {
            Log.Add(
                string.Join(
                    ", ",
                    operations.Select(static operation =>
                        operation switch
                        {
                            DeleteElements delete => $"{nameof(DeleteElements)} {delete.Set.Name}",
                            AddElements add => $"{nameof(AddElements)} {add.Set.Name}",
                            _ => operation.GetType().Name,
                        }
                    )
                )
            );
            _fake.Run(operations);
        }

        public void WaitForPackets() => Log.Add("wait");

        public NftTable? Read() => _fake.Read();

        public uint Generation() => _fake.Generation();

        public void Dispose() => _fake.Dispose();
    }
}
