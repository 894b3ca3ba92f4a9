using System.Diagnostics;
using Podfence.Base;

namespace Podfence.Dataplane;

/// <summary>The network namespace in which a dataplane works.</summary>
public interface INetworkNamespace
{
    /// <summary>Starts a program there.</summary>
    Process Start(ProcessStartInfo info);

    /// <summary>Runs something short on a thread that is there. What it opens stays there.</summary>
    T Run<T>(Func<T> work);
}

/// <summary>Where the process is: for an agent, whose threads never leave their namespace.</summary>
public sealed class CurrentNamespace : INetworkNamespace
{
    /// <inheritdoc/>
    public Process Start(ProcessStartInfo info) => ProgramStarter.Start(info);

    /// <inheritdoc/>
    public T Run<T>(Func<T> work) => work();
}
