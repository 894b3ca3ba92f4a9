using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Podfence.TestKit;

/// <summary>
/// A network namespace of its own, with a thread that lives in it. What runs there sees no interface, no rule and no
/// address of this machine. The namespace is gone when nothing uses it any more; nothing is left behind even after a
/// crash.
/// </summary>
public sealed class PrivateNetns : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    /// <summary>Makes the namespace.</summary>
    /// <exception cref="InvalidOperationException">It is not permitted; see <see cref="IsPermitted"/>.</exception>
    public PrivateNetns()
    {
        var ready = new TaskCompletionSource();
        _thread = new Thread(() => Serve(ready)) { IsBackground = true, Name = "private netns" };
        _thread.Start();
        ready.Task.GetAwaiter().GetResult();
    }

    /// <summary>Whether namespaces can be made: for root only.</summary>
    public static bool IsPermitted => Environment.IsPrivilegedProcess;

    /// <summary>Why a test that needs a namespace is skipped.</summary>
    public static string SkipReason => "needs root, to make network namespaces";

    /// <summary>Runs code on the thread in the namespace; its exceptions are the caller's.</summary>
    public void Run(Action action) =>
        Run(() =>
        {
            action();
            return true;
        });

    /// <summary>Runs code on the thread in the namespace and returns its result.</summary>
    public T Run<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a program in the namespace and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">
    /// It ended with another code than 0; the message has what it wrote to standard error.
    /// </exception>
    public string RunProgram(string file, IEnumerable<string> arguments, string? input = null) =>
        // A child is forked by this thread, so it begins in this thread's namespace.
        Run(() => TestProgram.Run(file, arguments, input));

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Serve(TaskCompletionSource ready)
    {
        if (Unshare(CloneNewNet) != 0)
        {
            ready.SetException(new InvalidOperationException($"unshare: error {Marshal.GetLastPInvokeError()}"));
            return;
        }

        ready.SetResult();
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    [DllImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static extern int Unshare(int flags);
}
