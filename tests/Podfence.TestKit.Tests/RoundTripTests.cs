using System.Text;
using Podfence.Base;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.TestKit.Tests;

/// <summary>
/// A case that is printed can be pasted into a file and is the same cluster; so is one that is sent as JSON.
/// </summary>
public sealed class RoundTripTests
{
    [Fact]
    public void Dump_ReadAsManifest_IsTheSameCluster()
    {
        var read = 0;
        Cases.Check(500, cluster =>
        {
            // Old objects may still have what the server rejects today, and so does the reader of files.
            if (cluster.Policies.Any(HoldsWhatIsRefused))
            {
                return null;
            }

            Interlocked.Increment(ref read);
            var manifests = ManifestReader.ReadText(ClusterDump.Text(cluster));
            if (manifests.HasErrors)
            {
                return string.Join('\n', manifests.Diagnostics);
            }

            var back = new ClusterCase
            {
                Nodes = manifests.Nodes.Select(static node => node with { Location = default }).ToEquatableArray(),
                Namespaces = manifests
                    .Namespaces.Where(ns => cluster.Namespaces.Any(known => known.Name == ns.Name))
                    .Select(static ns => ns with { Location = default })
                    .ToEquatableArray(),
                Pods = manifests.Pods.Select(static pod => pod with { Location = default }).ToEquatableArray(),
                Policies = manifests.Policies.Select(Unplaced).ToEquatableArray(),
            };
            return back == cluster ? null : $"it comes back as\n{back}";
        });
        Assert.True(read > 200, $"only {read} clusters were read");
    }

    [Fact]
    public void Json_ReadAsObjectOfTheServer_IsTheSame() => Cases.Check(500, static cluster =>
        {
            foreach (var item in Objects(cluster))
            {
                var json = ManifestWriter.ToJson(item);
                ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(json), out var back);
                if (back is { Policy: { } policy })
                {
                    back = ClusterObject.Of(Unplaced(policy));
                }

                if (back != item)
                {
                    return $"{json}\ncomes back as\n{(back is null ? "nothing" : ManifestWriter.ToJson(back.Value))}";
                }
            }

            return null;
        });

    private static IEnumerable<ClusterObject> Objects(ClusterCase cluster) =>
        cluster
            .Nodes.Select(static node => ClusterObject.Of(node))
            .Concat(cluster.Namespaces.Select(static ns => ClusterObject.Of(ns)))
            .Concat(cluster.Pods.Select(static pod => ClusterObject.Of(pod)))
            .Concat(cluster.Policies.Select(static policy => ClusterObject.Of(policy)));

    private static bool HoldsWhatIsRefused(NetworkPolicy policy) =>
        policy.PodSelector.Unreadable
        || policy
            .Ingress.Concat(policy.Egress)
            .SelectMany(static rule => rule.Peers)
            .Any(static peer =>
                peer switch
                {
                    SelectorPeer selectors => selectors.Namespaces is { Unreadable: true }
                        || selectors.Pods is { Unreadable: true },
                    IpBlockPeer block => block.Except.Any(hole => hole == block.Cidr || !block.Cidr.Contains(hole)),
                    _ => false,
                }
            );

    /// <summary>The policy without the places where it stands.</summary>
    private static NetworkPolicy Unplaced(NetworkPolicy policy) =>
        policy with
        {
            Location = default,
            Ingress = policy.Ingress.Select(Unplaced).ToEquatableArray(),
            Egress = policy.Egress.Select(Unplaced).ToEquatableArray(),
        };

    private static PolicyRule Unplaced(PolicyRule rule) =>
        rule with
        {
            Line = 0,
            Peers = rule.Peers.Select(static peer => peer with { Line = 0 }).ToEquatableArray(),
        };
}
