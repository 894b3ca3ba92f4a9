using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>Objects for a simulated cluster.</summary>
internal static class Sample
{
    public static ClusterObject Pod(string name, string label = "a", int address = 1, string space = "default") =>
        ClusterObject.Of(
            new Pod
            {
                Key = new PodKey(space, name),
                Labels = LabelSet.Of(("app", label)),
                NodeName = "n1",
                Phase = PodPhase.Running,
                Addresses = [IpAddress.Parse($"10.0.{address / 250}.{1 + (address % 250)}")],
            }
        );

    public static ClusterObject Node(string name) =>
        ClusterObject.Of(new Node { Name = name, Addresses = [IpAddress.Parse("192.0.2.1")] });

    public static ClusterObject Space(string name) => ClusterObject.Of(Namespace.Create(name, LabelSet.Empty));

    public static ClusterObject Policy(string name, string label = "a") =>
        ClusterObject.Of(
            new NetworkPolicy
            {
                Key = new PolicyKey("default", name),
                PodSelector = new LabelSelector { Requirements = [LabelRequirement.Equal("app", label)] },
                IsolatesIngress = true,
            }
        );

    public static ObjectReference PodNamed(string name) => new("Pod", "default", name);

    /// <summary>A few objects of each kind.</summary>
    public static void Fill(ApiSimulator server, int pods)
    {
        server.Put(Space("default"));
        server.Put(Node("n1"));
        server.Put(Node("n2"));
        server.Put(Policy("p1"));
        for (var i = 0; i < pods; i++)
        {
            server.Put(Pod($"web-{i}", address: i));
        }
    }
}
