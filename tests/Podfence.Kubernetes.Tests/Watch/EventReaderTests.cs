using System.Text;
using Podfence.Model;

namespace Podfence.Kubernetes.Tests;

public sealed class EventReaderTests
{
    private const string Pod = """{"metadata":{"name":"web","namespace":"ns","resourceVersion":"v7"},"status":{"phase":"Running"}}""";
    private readonly Hearer _hearer = new();

    [Theory]
    [InlineData("""{"type":"ADDED","object":OBJECT}""")]
    [InlineData("""{"type":"MODIFIED","object":OBJECT}""")]
    [InlineData(""" { "type" : "ADDED" , "object" : OBJECT } """)]
    [InlineData("""{"object":OBJECT,"type":"ADDED"}""")]
    [InlineData("""{"type":"ADDED","object":OBJECT,"new":{"x":1}}""")]
    [InlineData("""{"type":"ADDED","new":1,"object":OBJECT}""")]
    public void Read_ObjectInAnyOrder_IsTold(string frame)
    {
        var heard = Read(frame);

        var told = Assert.IsType<ObjectUpserted>(heard.Event);
        Assert.Equal((new PodKey("ns", "web"), PodPhase.Running, 42L), (told.Item.Pod!.Key, told.Item.Pod.Phase, told.ReceivedAt));
        Assert.Equal(("v7", false), (heard.Version, heard.IsDoubtful));
        Assert.Empty(_hearer.Unreadables);
    }

    [Theory]
    [InlineData("""{"type":"DELETED","object":OBJECT}""")]
    [InlineData("""{"object":OBJECT,"type":"DELETED"}""")]
    public void Read_Deleted_IsRemoval(string frame)
    {
        var heard = Read(frame);

        Assert.Equal(new ObjectRemoved(new ObjectReference("Pod", "ns", "web")) { ReceivedAt = 42 }, heard.Event);
        Assert.Equal("v7", heard.Version);
    }

    [Fact]
    public void Read_Bookmark_HasItsVersion()
    {
        var heard = Read("""{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"v9","creationTimestamp":null},"spec":{"containers":null}}}""");

        Assert.Equal(new Heard(WatchEventType.Bookmark, null, "v9"), heard);
    }

    [Fact]
    public void Read_BookmarkOfAStreamedList_EndsIt() =>
        Assert.True(Read("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"v9","annotations":{"k8s.io/initial-events-end":"true"}}}}""").EndsList);

    [Theory]
    [InlineData(410, "Expired", KubeError.Gone)]
    [InlineData(410, "Gone", KubeError.Gone)]
    [InlineData(500, "InternalError", KubeError.ServerError)]
    [InlineData(504, "Timeout", KubeError.Timeout)]
    [InlineData(429, "TooManyRequests", KubeError.TooManyRequests)]
    public void Read_Error_IsAFailure(int code, string reason, KubeError expected) =>
        Assert.Equal(expected, Read($$$"""{"type":"ERROR","object":{"kind":"Status","message":"m","reason":"{{{reason}}}","code":{{{code}}}}}""").Failure!.Reason);

    [Theory]
    [InlineData("garbage")]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"},"spec":}}""")]
    [InlineData("""{"type":"ADDED","object":"no"}""")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"SIDEWAYS","object":{}}""")]
    [InlineData("""{"type":"DELETED","object":{"metadata":{}}}""")]
    public void Read_NothingToBeMadeOut_IsReported(string frame)
    {
        var heard = Read(frame);

        Assert.Null(heard.Event);
        Assert.False(Assert.Single(_hearer.Unreadables).IsTold);
    }

    private Heard Read(string frame)
    {
        var reader = new EventReader(WatchedKind.Pods, new EventDecoder(WatchedKind.Pods, _hearer), _hearer);
        return reader.Read(Encoding.UTF8.GetBytes(frame.Replace("OBJECT", Pod, StringComparison.Ordinal)), receivedAt: 42);
    }
}
