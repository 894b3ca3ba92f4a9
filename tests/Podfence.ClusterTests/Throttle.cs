using System.Diagnostics;

namespace Podfence.ClusterTests;

/// <summary>Lets processes run for a twentieth of the time.</summary>
internal sealed class Throttle : IDisposable
{
    private static readonly TimeSpan s_run = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_stop = TimeSpan.FromMilliseconds(95);
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;

    public Throttle(IEnumerable<int> processes)
    {
        var list = processes.ToList();
        _thread = new Thread(() => Run(list));
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }

    private void Run(List<int> processes)
    {
        while (!_end.IsCancellationRequested)
        {
            Signal("-STOP", processes);
            _end.Token.WaitHandle.WaitOne(s_stop);
            Signal("-CONT", processes);
            _end.Token.WaitHandle.WaitOne(s_run);
        }
    }

    private static void Signal(string signal, List<int> processes)
    {
        var info = new ProcessStartInfo("kill") { UseShellExecute = false, ArgumentList = { signal } };
        processes.ForEach(process => info.ArgumentList.Add($"{process}"));
        using var kill = Process.Start(info)!;
        kill.WaitForExit();
    }
}
