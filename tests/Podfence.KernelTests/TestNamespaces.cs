using System.Diagnostics;
using Podfence.Dataplane;
using Podfence.Lab;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>A node of a lab, as the network namespace of a dataplane.</summary>
internal sealed class LabNamespace(NetworkNamespace node) : INetworkNamespace
{
    public Process Start(ProcessStartInfo info) => node.Start(info);

    public T Run<T>(Func<T> work) => node.Run(work);
}

/// <summary>An empty namespace, as the network namespace of a dataplane.</summary>
internal sealed class PrivateNamespace(PrivateNetns netns) : INetworkNamespace
{
    public Process Start(ProcessStartInfo info) => netns.Run(() => Process.Start(info))!;

    public T Run<T>(Func<T> work) => netns.Run(work);
}
