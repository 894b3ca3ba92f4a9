using System.Diagnostics;
using Podfence.Base;

namespace Podfence.Lab;

/// <summary>
/// The process that enforces policies on one node, in the node's network namespace. When it dies it is restarted; its
/// rules stay in the kernel meanwhile.
/// </summary>
internal abstract class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_maxDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(3);

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

    /// <summary>The last confirmed sync point; -1 before the first.</summary>
    public long Applied { get; private protected set; } = -1;

    public int Restarts { get; private set; }

    /// <summary>The last error since a sync point was confirmed, or null.</summary>
    public string? LastError { get; private protected set; }

    /// <summary>The process ID, or null while no process runs.</summary>
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

    /// <summary>Sends changes, followed by a sync point.</summary>
    public abstract void Send(IReadOnlyCollection<FenceMessage> changes, long syncPoint);

    /// <summary>Waits until a sync point, or a later one, is confirmed.</summary>
    /// <exception cref="LabException">The fence reports an error that needs intervention.</exception>
    public abstract Task WaitAsync(long syncPoint, CancellationToken cancel);

    /// <summary>Starts the process if it was not started before. The first changes must have been sent.</summary>
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
        RequestStop();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Asks the process to exit, because the lab ends.</summary>
    private protected abstract void RequestStop();

    /// <summary>Serves the process from its start until it has exited.</summary>
    private protected abstract Task ServeAsync(Process process);

    /// <summary>Which standard streams of the process are redirected.</summary>
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

    private protected async Task WaitForExitAsync(Process process)
    {
        using var limit = new CancellationTokenSource(s_stopTimeout, Time);
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
            var reason = LastError is null ? "" : $": {LastError}";
            LastError = $"the fence of node {Node} exited with code {process.ExitCode}{reason}";
        }
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff(s_firstDelay, s_maxDelay, Time);
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
            if (Applied > before)
            {
                backoff.Reset();
            }

            await Task.Delay(backoff.Fail(), Time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
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
            await ServeAsync(process);
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
