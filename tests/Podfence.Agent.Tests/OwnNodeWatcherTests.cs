using Podfence.Model;

namespace Podfence.Agent.Tests;

public sealed class OwnNodeWatcherTests
{
    private static readonly ClusterEvent s_node = new ObjectUpserted(ClusterObject.Of(new Node { Name = Sample.Node }));
    private static readonly ClusterEvent s_other = new ObjectUpserted(ClusterObject.Of(new Node { Name = "other" }));
    private static readonly ClusterEvent s_gone = new ObjectRemoved(
        new ObjectReference(nameof(Node), null, Sample.Node)
    );
    private readonly List<bool> _reported = [];

    [Fact]
    public void Observe_NodeAddedAndRemoved_ReportsEach() =>
        Assert.Equal([true, false], Reported(s_other, s_node, s_gone));

    [Fact]
    public void Observe_ListWithTheNode_ReportsItPresent() =>
        Assert.Equal([true], Reported(new ListBegan(nameof(Node)), s_other, s_node, new ListEnded(nameof(Node))));

    [Fact]
    public void Observe_LaterListWithoutTheNode_ReportsItMissing() =>
        Assert.Equal(
            [true, false],
            Reported(s_node, new ListBegan(nameof(Node)), s_other, new ListEnded(nameof(Node)))
        );

    [Fact]
    public void Observe_ListOfAnotherKind_ReportsNothing() =>
        Assert.Equal([true], Reported(s_node, new ListBegan(nameof(Pod)), new ListEnded(nameof(Pod))));

    private List<bool> Reported(params IEnumerable<ClusterEvent> events)
    {
        var presence = new OwnNodeWatcher(Sample.Node, _reported.Add);
        foreach (var change in events)
        {
            presence.Observe(change);
        }

        return _reported;
    }
}
