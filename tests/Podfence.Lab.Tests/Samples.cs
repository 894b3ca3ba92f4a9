using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab.Tests;

internal static class Samples
{
    public static Pod Pod(string key, string? node = null, int[]? ports = null, params string[] addresses)
    {
        var parts = key.Split('/');
        return new Pod
        {
            Key = new PodKey(parts[0], parts[1]),
            NodeName = node,
            Addresses = addresses.Select(IpAddress.Parse).ToEquatableArray(),
            Ports = (ports ?? [80])
                .Select(static number => new ContainerPort(null, number, Protocol.Tcp))
                .ToEquatableArray(),
        };
    }

    public static Node Node(string name, string[]? addresses = null, string[]? podCidrs = null) =>
        new()
        {
            Name = name,
            Addresses = (addresses ?? []).Select(IpAddress.Parse).ToEquatableArray(),
            PodCidrs = (podCidrs ?? []).Select(Cidr.Parse).ToEquatableArray(),
        };

    public static PodPlan Pod(this LabPlan plan, string key)
    {
        var parts = key.Split('/');
        return plan.Pods[new PodKey(parts[0], parts[1])];
    }

    /// <summary>Kernel tests make namespaces; without root they say so and are skipped.</summary>
    public static void RequireRoot() =>
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces need root");
}
