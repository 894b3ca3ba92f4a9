using Podfence.Dataplane;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>A pod releases its address: its next owner must not inherit connections.</summary>
public sealed class ReleasedAddressTests
{
    public static TheoryData<string, DataplaneKind> Ways =>
        new()
        {
            { "deleted", DataplaneKind.Nftables },
            { "finished", DataplaneKind.Nftables },
            { "moved", DataplaneKind.Nftables },
            { "deleted", DataplaneKind.IptablesNft },
            { "moved", DataplaneKind.IptablesNft },
            { "finished", DataplaneKind.IptablesLegacy },
            { "moved", DataplaneKind.IptablesLegacy },
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Release_EntriesOfTheAddress_AreGoneAndOthersStay(string way, DataplaneKind dataplane)
    {
        Root.Require();
        await using var lab = await ConnectionLab.CreateAsync(default, dataplane: dataplane);
        List<Conversation> conversations = [];
        try
        {
            foreach (var family in IpFamilies.All)
            {
                foreach (var protocol in (Protocol[])[Protocol.Tcp, Protocol.Udp])
                {
                    conversations.Add(await lab.TalkAsync(TwoNodeCluster.Open, TwoNodeCluster.Db, family, protocol));
                    conversations.Add(await lab.TalkAsync(TwoNodeCluster.Web, TwoNodeCluster.Open, family, protocol));
                    conversations.Add(await lab.TalkAsync(TwoNodeCluster.Web, TwoNodeCluster.Db, family, protocol));
                }
            }

            Assert.Equal(8, lab.Tracked(TwoNodeCluster.Open).Count(IsOfPods));
            Assert.Equal(8, lab.Tracked(TwoNodeCluster.Web).Count(IsOfPods));
            var pod = TwoNodeCluster.Find(TwoNodeCluster.Open);
            var next = pod with { Key = new PodKey("default", "next"), CreatedAt = pod.CreatedAt + 1 };
            await lab.SendAsync(
                way switch
                {
                    "deleted" => new PodChange(pod.Key, null, way),
                    "finished" => new PodChange(pod.Key, pod with { Phase = PodPhase.Succeeded }, way),
                    _ => new PodChange(next.Key, next, way),
                }
            );
            await lab.Node.Listener.UntilAsync(
                static listener => listener.ConnectionsRemoved >= 8,
                TestContext.Current.CancellationToken
            );

            Assert.DoesNotContain(lab.Tracked(TwoNodeCluster.Open), IsOfPods);
            Assert.Equal(4, lab.Tracked(TwoNodeCluster.Web).Count(IsOfPods));
            Assert.Equal(4, lab.Tracked(TwoNodeCluster.Db).Count(IsOfPods));
        }
        finally
        {
            conversations.ForEach(static conversation => conversation.Dispose());
        }
    }

    private static bool IsOfPods(TrackedConnection connection) =>
        connection.Original.Protocol is (byte)Protocol.Tcp or (byte)Protocol.Udp;
}
