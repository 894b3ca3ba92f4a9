using System.Diagnostics;
using Podfence.Dataplane;
using Podfence.Lab;

namespace Podfence.KernelTests;

/// <summary>A node of a lab, as the place of a dataplane.</summary>
internal sealed class LabPlace(NetworkNamespace node) : INetworkPlace
{
    public Process Start(ProcessStartInfo info) => node.Start(info);

    public T Run<T>(Func<T> work) => node.Run(work);
}
