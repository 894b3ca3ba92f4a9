using System.Diagnostics;
using Podfence.Base;

namespace Podfence.Dataplane;

/// <summary>The network namespace in which a dataplane works.</summary>
public interface INetworkNamespace
{
    /// <summary>Starts a program in the namespace.</summary>
    Process Start(ProcessStartInfo info);

    /// <summary>Runs short work on a thread in the namespace. Sockets it opens stay in it.</summary>
    T Run<T>(Func<T> work);
}

/// <summary>The namespace of the process: for an agent, whose threads never leave it.</summary>
public sealed class CurrentNamespace : INetworkNamespace
{
    /// <inheritdoc/>
    public Process Start(ProcessStartInfo info) => ProgramStarter.Start(info);

    /// <inheritdoc/>
    public T Run<T>(Func<T> work) => work();
}
