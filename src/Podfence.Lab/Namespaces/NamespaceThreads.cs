using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Podfence.Lab;

/// <summary>
/// Threads that may enter namespaces. The namespace is a property of the thread, so the runtime's thread pool must
/// never be used for it: later work would run in a pod. These threads do nothing else and return to their own namespace
/// after each work item, because a thread inside keeps a namespace alive.
/// </summary>
internal sealed class NamespaceThreads
{
    private const string OwnNamespace = "/proc/thread-self/ns/net";
    private const int Count = 4;

    private readonly BlockingCollection<Action> _work = [];

    [ThreadStatic]
    private static SafeFileHandle? t_home;

    private NamespaceThreads()
    {
        for (var i = 0; i < Count; i++)
        {
            new Thread(Loop) { IsBackground = true, Name = "netns" }.Start();
        }
    }

    /// <summary>The threads of this process, started at the first use.</summary>
    public static NamespaceThreads Shared { get; } = new();

    public T Run<T>(Func<T> work) => t_home is null ? RunAsync(work).GetAwaiter().GetResult() : work();

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
#pragma warning disable CA1031 // any exception belongs to the caller, which awaits it
            catch (Exception fault)
#pragma warning restore CA1031
            {
                done.SetException(fault);
            }
        });
        return done.Task;
    }

    /// <summary>Runs work inside a namespace. Must be called on one of these threads.</summary>
    public static T Inside<T>(SafeFileHandle target, Func<T> work)
    {
        Enter(target);
        try
        {
            return work();
        }
        finally
        {
            ReturnHome();
        }
    }

    /// <summary>Creates and opens a namespace. Must be called on one of these threads.</summary>
    public static SafeFileHandle OpenNew()
    {
        if (Libc.Unshare(Libc.CloneNewNet) != 0)
        {
            throw NotPermitted("create a network namespace");
        }

        try
        {
            return File.OpenHandle(OwnNamespace);
        }
        finally
        {
            ReturnHome();
        }
    }

    private static void Enter(SafeFileHandle target)
    {
        if (Libc.SetNs(target, Libc.CloneNewNet) != 0)
        {
            throw NotPermitted("enter a network namespace");
        }
    }

    private static void ReturnHome()
    {
        if (Libc.SetNs(t_home!, Libc.CloneNewNet) != 0)
        {
            // Any further work of this thread would run in the wrong namespace: it is not safe to continue.
            Environment.FailFast(
                $"a thread cannot leave its network namespace (errno {Marshal.GetLastPInvokeError()})"
            );
        }
    }

    private static LabException NotPermitted(string what)
    {
        var errno = Marshal.GetLastPInvokeError();
        return errno == 1
            ? new LabException(
                LabError.NotPermitted,
                $"no permission to {what}: run podfence as root (sudo podfence lab …)"
            )
            : new LabException(
                LabError.Kernel,
                $"cannot {what}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})"
            );
    }

    private void Loop()
    {
        t_home = File.OpenHandle(OwnNamespace);
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
