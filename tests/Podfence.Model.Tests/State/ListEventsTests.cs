namespace Podfence.Model.Tests;

public sealed class ListEventsTests
{
    private readonly ClusterState _state = new();

    [Fact]
    public void ListEnded_ObjectNotListed_IsRemoved()
    {
        Apply(Upserted("a"), Upserted("b"));
        Apply(new ListBegan(nameof(Pod)), Upserted("b"), Upserted("c"), new ListEnded(nameof(Pod)));
        Assert.Equal(["b", "c"], Names());
    }

    [Fact]
    public void ListBegan_NotEnded_RemovesNothing()
    {
        Apply(Upserted("a"), new ListBegan(nameof(Pod)), Upserted("b"));
        Assert.Equal(["a", "b"], Names());
    }

    [Fact]
    public void ListBegan_Twice_ForgetsTheFirstList()
    {
        Apply(
            new ListBegan(nameof(Pod)),
            Upserted("a"),
            new ListBegan(nameof(Pod)),
            Upserted("b"),
            new ListEnded(nameof(Pod))
        );
        Assert.Equal(["b"], Names());
    }

    [Fact]
    public void ListEnded_WithoutBegin_RemovesNothing()
    {
        Apply(Upserted("a"), new ListEnded(nameof(Pod)));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void ListEnded_OtherKinds_AreNotAffected()
    {
        Apply(Upserted("a"));
        foreach (var kind in new[] { nameof(Namespace), nameof(Node), nameof(NetworkPolicy), "Service" })
        {
            Apply(new ListBegan(kind), new ListEnded(kind));
        }

        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void ListEnded_EveryKind_RemovesItsOwn()
    {
        _state.Upsert(new Namespace("n", LabelSet.Empty));
        _state.Upsert(new Node { Name = "n1" });
        _state.Upsert(new NetworkPolicy { Key = new PolicyKey("n", "p"), PodSelector = LabelSelector.Everything });
        foreach (var kind in new[] { nameof(Namespace), nameof(Node), nameof(NetworkPolicy) })
        {
            Apply(new ListBegan(kind), new ListEnded(kind));
        }

        Assert.Empty(_state.Namespaces);
        Assert.Empty(_state.Nodes);
        Assert.Empty(_state.Policies);
    }

    private static ObjectUpserted Upserted(string name) =>
        new(ClusterObject.Of(new Pod { Key = new PodKey("default", name) }));

    private void Apply(params ClusterEvent[] events)
    {
        foreach (var change in events)
        {
            _state.Apply(change);
        }
    }

    private List<string> Names() => [.. _state.Pods.Select(static pod => pod.Key.Name).Order(StringComparer.Ordinal)];
}
