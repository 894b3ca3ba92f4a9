using System.Diagnostics;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// A process that fences one node, in the node's namespace. When it dies it is started again; what it left in the kernel stands meanwhile.
/// </summary>
internal abstract class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<string> _command;
    private readonly NetworkNamespace _where;
    private Process? _process;
    private bool _isStarted;
    private Task _running = Task.CompletedTask;

    private protected NodeProcess(string node, NetworkNamespace where, IReadOnlyList<string> command, TimeProvider time)
    {
        Node = node;
        Time = time;
        _where = where;
        _command = command;
    }

    public string Node { get; }

    /// <summary>The last barrier that is confirmed; -1 before the first.</summary>
    public long Applied { get; private protected set; } = -1;

    /// <summary>How often the process was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>The last thing that went wrong since the last barrier was confirmed, or null.</summary>
    public string? LastError { get; private protected set; }

    /// <summary>The process, or null while there is none.</summary>
    public int? ProcessId
    {
        get
        {
            lock (Gate)
            {
                return _process?.Id;
            }
        }
    }

    private protected TimeProvider Time { get; }

    private protected Lock Gate { get; } = new();

    private protected CancellationToken Stopping => _stop.Token;

    /// <summary>Tells of changes, and ends them with a barrier.</summary>
    public abstract void Tell(IReadOnlyCollection<FenceMessage> changes, long barrier);

    /// <summary>Waits until a barrier, or a later one, is confirmed.</summary>
    /// <exception cref="LabException">The fence says that it needs help.</exception>
    public abstract Task WaitAsync(long barrier, CancellationToken cancel);

    /// <summary>Starts the process, the first time. It is to have been told everything before.</summary>
    public void EnsureStarted()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _running = Task.Run(RunAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        AskToEnd();
        await _running;
        _stop.Dispose();
    }

    /// <summary>The lab ends: the process is to go by itself.</summary>
    private protected abstract void AskToEnd();

    /// <summary>Is with the process from its start to its end.</summary>
    private protected abstract Task AttendAsync(Process process);

    /// <summary>How the process is started: its standard streams.</summary>
    private protected abstract ProcessStartInfo StartInfo(string program);

    private protected void Kill()
    {
        lock (Gate)
        {
            _process?.Kill();
        }
    }

    private protected async Task ReadErrorsAsync(Process process, Func<string, bool> isError)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Length > 0 && isError(line))
            {
                LastError = line;
            }
        }
    }

    private protected async Task EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(s_patience, Time);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        if (!_stop.IsCancellationRequested)
        {
            LastError = $"the fence of node {Node} exited with code {process.ExitCode}{(LastError is null ? "" : $": {LastError}")}";
        }
    }

    private async Task RunAsync()
    {
        var pause = s_firstPause;
        while (!_stop.IsCancellationRequested)
        {
            var before = Applied;
            try
            {
                await RunOnceAsync();
            }
            catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or LabException or IOException)
            {
                LastError = fault.Message;
            }

            if (_stop.IsCancellationRequested)
            {
                return;
            }

            Restarts++;
            pause = Applied > before ? s_firstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
            await Task.Delay(pause, Time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task RunOnceAsync()
    {
        var info = StartInfo(_command[0]);
        foreach (var argument in _command.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        using var process = _where.Start(info);
        lock (Gate)
        {
            _process = process;
        }

        try
        {
            await AttendAsync(process);
        }
        finally
        {
            lock (Gate)
            {
                _process = null;
            }
        }
    }
}
