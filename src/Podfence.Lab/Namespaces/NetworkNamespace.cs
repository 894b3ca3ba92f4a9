using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Podfence.Base;

namespace Podfence.Lab;

/// <summary>
/// A network namespace without a name, held by a file descriptor: it ends with the last descriptor, socket or process
/// in it, so that nothing is left however this process ends. Nothing is mounted below <c>/run/netns</c>.
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

    /// <summary>The purpose of the namespace, for messages.</summary>
    public string Label { get; }

    /// <summary>
    /// A path of the namespace for other processes (<c>ip link set … netns PATH</c>), valid until this object is
    /// disposed.
    /// </summary>
    public string Path { get; }

    /// <summary>The kernel's name, <c>net:[4026532281]</c>, as shown by the links below <c>/proc/*/ns</c>.</summary>
    public string Inode { get; }

    /// <summary>Creates an empty namespace: only a loopback device, which is down.</summary>
    /// <param name="label">Its purpose, for messages.</param>
    /// <exception cref="LabException">The process lacks the privilege.</exception>
    public static NetworkNamespace Create(string label) =>
        new(NamespaceThreads.Shared.Run(static () => NamespaceThreads.OpenNew()), label);

    /// <summary>
    /// Runs short work on a thread inside the namespace. Sockets, files below /proc/sys/net and child processes that it
    /// opens stay in the namespace.
    /// </summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work. It must not wait: it blocks a thread of a small pool.</param>
    public T Run<T>(Func<T> work) => NamespaceThreads.Shared.Run(() => NamespaceThreads.Inside(_handle, work));

    /// <summary>As <see cref="Run{T}(Func{T})"/>, without blocking the caller.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work. It must not wait: it blocks a thread of a small pool.</param>
    public Task<T> RunAsync<T>(Func<T> work) =>
        NamespaceThreads.Shared.RunAsync(() => NamespaceThreads.Inside(_handle, work));

    /// <summary>Creates a socket in the namespace, which any thread may use.</summary>
    public Task<Socket> OpenSocketAsync(AddressFamily family, SocketType type, ProtocolType protocol) =>
        RunAsync(() => new Socket(family, type, protocol));

    /// <summary>Starts a program inside the namespace.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public Process Start(ProcessStartInfo info) => Run(() => ProgramStarter.Start(info));

    /// <summary>Sets kernel settings of the namespace, in order.</summary>
    /// <param name="settings">
    /// Paths below <c>/proc/sys/net</c> with values; a path that ends in <c>?</c> is skipped if this kernel lacks it.
    /// </param>
    /// <exception cref="LabException">The kernel lacks the setting or rejects the value.</exception>
    public void Configure(IEnumerable<KeyValuePair<string, string>> settings) =>
        Run(() =>
        {
            foreach (var (path, value) in settings)
            {
                Sysctl.Write(path, value);
            }

            return true;
        });

    /// <summary>Closes the descriptor. The namespace ends when nothing else is in it.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Label} ({Inode})";
}
