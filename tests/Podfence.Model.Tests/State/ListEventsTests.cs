namespace Podfence.Model.Tests;

public sealed class ListEventsTests
{
    private readonly ClusterState _state = new();

    [Fact]
    public void ListEnded_ObjectNotNamed_IsRemoved()
    {
        Tell(Upserted("a"), Upserted("b"));
        Tell(new ListBegan(nameof(Pod)), Upserted("b"), Upserted("c"), new ListEnded(nameof(Pod)));
        Assert.Equal(["b", "c"], Names());
    }

    [Fact]
    public void ListBegan_NotEnded_RemovesNothing()
    {
        Tell(Upserted("a"), new ListBegan(nameof(Pod)), Upserted("b"));
        Assert.Equal(["a", "b"], Names());
    }

    [Fact]
    public void ListBegan_Twice_ForgetsWhatTheFirstNamed()
    {
        Tell(new ListBegan(nameof(Pod)), Upserted("a"), new ListBegan(nameof(Pod)), Upserted("b"), new ListEnded(nameof(Pod)));
        Assert.Equal(["b"], Names());
    }

    [Fact]
    public void ListEnded_WithoutBegin_RemovesNothing()
    {
        Tell(Upserted("a"), new ListEnded(nameof(Pod)));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void ListEnded_OtherKinds_AreLeftAlone()
    {
        Tell(Upserted("a"));
        foreach (var kind in new[] { nameof(Namespace), nameof(Node), nameof(NetworkPolicy), "Service" })
        {
            Tell(new ListBegan(kind), new ListEnded(kind));
        }

        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void ListEnded_EveryKind_SweepsItsOwn()
    {
        _state.Upsert(new Namespace("n", LabelSet.Empty));
        _state.Upsert(new Node { Name = "n1" });
        _state.Upsert(new NetworkPolicy { Key = new PolicyKey("n", "p"), PodSelector = LabelSelector.Everything });
        foreach (var kind in new[] { nameof(Namespace), nameof(Node), nameof(NetworkPolicy) })
        {
            Tell(new ListBegan(kind), new ListEnded(kind));
        }

        Assert.Empty(_state.Namespaces);
        Assert.Empty(_state.Nodes);
        Assert.Empty(_state.Policies);
    }

    private static ObjectUpserted Upserted(string name) => new(ClusterObject.Of(new Pod { Key = new PodKey("default", name) }));

    private void Tell(params ClusterEvent[] events)
    {
        foreach (var told in events)
        {
            _state.Apply(told);
        }
    }

    private List<string> Names() => [.. _state.Pods.Select(static pod => pod.Key.Name).Order(StringComparer.Ordinal)];
}
