using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Podfence.Base;

namespace Podfence.Lab;

/// <summary>
/// A network namespace without a name, held by a file descriptor: it ends with the last descriptor, socket or process in it, so that nothing is left
/// however this process dies. Nothing is mounted below <c>/run/netns</c>.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle, string label)
    {
        _handle = handle;
        Label = label;
        Path = $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}";
        Inode = new FileInfo(Path).LinkTarget ?? "";
    }

    /// <summary>What the namespace is for, for messages.</summary>
    public string Label { get; }

    /// <summary>A path that names the namespace to other processes for as long as this object is not disposed, as <c>ip link set … netns PATH</c> takes it.</summary>
    public string Path { get; }

    /// <summary>The kernel's name, <c>net:[4026532281]</c>, as links below <c>/proc/*/ns</c> show it.</summary>
    public string Inode { get; }

    /// <summary>Makes an empty namespace: only a loopback device, which is down.</summary>
    /// <param name="label">What it is for, for messages.</param>
    /// <exception cref="LabException">The process may not.</exception>
    public static NetworkNamespace Create(string label) => new(NamespaceThreads.Shared.Run(static () => NamespaceThreads.OpenNew()), label);

    /// <summary>Runs something short on a thread that is inside the namespace. What it opens (sockets, files below /proc/sys/net, child processes) belongs to the namespace for good.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">Blocks a thread of a small pool: no waiting inside.</param>
    public T Run<T>(Func<T> work) => NamespaceThreads.Shared.Run(() => NamespaceThreads.Inside(_handle, work));

    /// <summary>As <see cref="Run{T}(Func{T})"/>, without blocking the caller.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">Blocks a thread of a small pool: no waiting inside.</param>
    public Task<T> RunAsync<T>(Func<T> work) => NamespaceThreads.Shared.RunAsync(() => NamespaceThreads.Inside(_handle, work));

    /// <summary>Makes a socket of the namespace; it may then be used from any thread.</summary>
    public Task<Socket> OpenSocketAsync(AddressFamily family, SocketType type, ProtocolType protocol) =>
        RunAsync(() => new Socket(family, type, protocol));

    /// <summary>Starts a program inside the namespace.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public Process Start(ProcessStartInfo info) =>
        Run(() => ProgramStarter.Start(info));

    /// <summary>Sets kernel settings of the namespace, in order.</summary>
    /// <param name="settings">Paths below <c>/proc/sys/net</c> with their values; a path that ends in <c>?</c> is skipped where this kernel lacks it.</param>
    /// <exception cref="LabException">The kernel has no such setting or refuses the value.</exception>
    public void Configure(IEnumerable<KeyValuePair<string, string>> settings) => Run(() =>
    {
        foreach (var (path, value) in settings)
        {
            Sysctl.Write(path, value);
        }

        return true;
    });

    /// <summary>Gives the namespace up. It goes when nothing else is in it.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Label} ({Inode})";
}
