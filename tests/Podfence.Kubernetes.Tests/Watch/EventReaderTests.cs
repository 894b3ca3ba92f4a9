using System.Text;
using Podfence.Model;

namespace Podfence.Kubernetes.Tests;

public sealed class EventReaderTests
{
    private const string Pod =
        """{"metadata":{"name":"web","namespace":"ns","resourceVersion":"v7"},"status":{"phase":"Running"}}""";
    private readonly RecordingListener _listener = new();

    [Theory]
    [InlineData("""{"type":"ADDED","object":OBJECT}""")]
    [InlineData("""{"type":"MODIFIED","object":OBJECT}""")]
    [InlineData(""" { "type" : "ADDED" , "object" : OBJECT } """)]
    [InlineData("""{"object":OBJECT,"type":"ADDED"}""")]
    [InlineData("""{"type":"ADDED","object":OBJECT,"new":{"x":1}}""")]
    [InlineData("""{"type":"ADDED","new":1,"object":OBJECT}""")]
    public void Read_ObjectInAnyOrder_IsDecoded(string frame)
    {
        var decoded = Read(frame);

        var told = Assert.IsType<ObjectUpserted>(decoded.Event);
        Assert.Equal(
            (new PodKey("ns", "web"), PodPhase.Running, 42L),
            (told.Item.Pod!.Key, told.Item.Pod.Phase, told.ReceivedAt)
        );
        Assert.Equal(("v7", false), (decoded.Version, decoded.MayHaveMissedEvents));
        Assert.Empty(_listener.Unreadables);
    }

    [Theory]
    [InlineData("""{"type":"DELETED","object":OBJECT}""")]
    [InlineData("""{"object":OBJECT,"type":"DELETED"}""")]
    public void Read_Deleted_IsRemoval(string frame)
    {
        var decoded = Read(frame);

        Assert.Equal(new ObjectRemoved(new ObjectReference("Pod", "ns", "web")) { ReceivedAt = 42 }, decoded.Event);
        Assert.Equal("v7", decoded.Version);
    }

    [Fact]
    public void Read_Bookmark_HasItsVersion()
    {
        var decoded = Read(
            """{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"v9","creationTimestamp":null},"spec":{"containers":null}}}"""
        );

        Assert.Equal(new DecodedEvent(WatchEventType.Bookmark, null, "v9"), decoded);
    }

    [Fact]
    public void Read_BookmarkOfAStreamedList_EndsTheList() =>
        Assert.True(
            Read(
                """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"v9","annotations":{"k8s.io/initial-events-end":"true"}}}}"""
            ).EndsList
        );

    [Theory]
    [InlineData(410, "Expired", KubeError.Gone)]
    [InlineData(410, "Gone", KubeError.Gone)]
    [InlineData(500, "InternalError", KubeError.ServerError)]
    [InlineData(504, "Timeout", KubeError.Timeout)]
    [InlineData(429, "TooManyRequests", KubeError.TooManyRequests)]
    public void Read_Error_IsAFailure(int code, string reason, KubeError expected) =>
        Assert.Equal(
            expected,
            Read(
                $$$"""{"type":"ERROR","object":{"kind":"Status","message":"m","reason":"{{{reason}}}","code":{{{code}}}}}"""
            ).Failure!.Reason
        );

    [Theory]
    [InlineData("garbage")]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"},"spec":}}""")]
    [InlineData("""{"type":"ADDED","object":"no"}""")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"SIDEWAYS","object":{}}""")]
    [InlineData("""{"type":"DELETED","object":{"metadata":{}}}""")]
    public void Read_Unreadable_IsReported(string frame)
    {
        var decoded = Read(frame);

        Assert.Null(decoded.Event);
        Assert.False(Assert.Single(_listener.Unreadables).WasEmitted);
    }

    private DecodedEvent Read(string frame)
    {
        var reader = new EventReader(WatchedKind.Pods, new EventDecoder(WatchedKind.Pods, _listener), _listener);
        return reader.Read(
            Encoding.UTF8.GetBytes(frame.Replace("OBJECT", Pod, StringComparison.Ordinal)),
            receivedAt: 42
        );
    }
}
