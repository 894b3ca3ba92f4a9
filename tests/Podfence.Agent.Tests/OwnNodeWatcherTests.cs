using Podfence.Model;

namespace Podfence.Agent.Tests;

public sealed class OwnNodeWatcherTests
{
    private static readonly ClusterEvent s_node = new ObjectUpserted(ClusterObject.Of(new Node { Name = Sample.Node }));
    private static readonly ClusterEvent s_other = new ObjectUpserted(ClusterObject.Of(new Node { Name = "other" }));
    private static readonly ClusterEvent s_gone = new ObjectRemoved(new ObjectReference(nameof(Node), null, Sample.Node));
    private readonly List<bool> _told = [];

    [Fact]
    public void Hear_NodeComesAndGoes_TellsEach() => Assert.Equal([true, false], Told(s_other, s_node, s_gone));

    [Fact]
    public void Hear_ListThatHasIt_TellsThatItIsThere() => Assert.Equal([true], Told(new ListBegan(nameof(Node)), s_other, s_node, new ListEnded(nameof(Node))));

    [Fact]
    public void Hear_LaterListThatLacksIt_TellsThatItIsGone() =>
        Assert.Equal([true, false], Told(s_node, new ListBegan(nameof(Node)), s_other, new ListEnded(nameof(Node))));

    [Fact]
    public void Hear_ListOfAnotherKind_TellsNothing() => Assert.Equal([true], Told(s_node, new ListBegan(nameof(Pod)), new ListEnded(nameof(Pod))));

    private List<bool> Told(params IEnumerable<ClusterEvent> events)
    {
        var presence = new OwnNodeWatcher(Sample.Node, _told.Add);
        foreach (var change in events)
        {
            presence.Hear(change);
        }

        return _told;
    }
}
