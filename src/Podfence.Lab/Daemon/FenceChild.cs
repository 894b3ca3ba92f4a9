using System.Diagnostics;
using System.Threading.Channels;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// The fence of one node: a process in the node's namespace that is told of every object. When it dies it is started again and told everything anew;
/// what it left in the kernel stands meanwhile.
/// </summary>
internal sealed class FenceChild : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>So many messages may wait beside those that say everything once.</summary>
    private const int MostWaiting = 65_536;

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectReference, ClusterObject> _objects = [];
    private readonly List<(long Barrier, TaskCompletionSource Done)> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<string> _command;
    private readonly NetworkNamespace _where;
    private readonly TimeProvider _time;
    private Channel<FenceMessage>? _input;
    private Process? _process;
    private long _barrier;
    private bool _isStarted;
    private Task _running = Task.CompletedTask;

    public FenceChild(string node, NetworkNamespace where, IReadOnlyList<string> command, TimeProvider time)
    {
        Node = node;
        _where = where;
        _command = command;
        _time = time;
    }

    public string Node { get; }

    /// <summary>The last barrier that the fence confirmed; -1 before the first.</summary>
    public long Applied { get; private set; } = -1;

    /// <summary>How often the process was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>The last thing that went wrong since the last barrier was confirmed, or null.</summary>
    public string? LastError { get; private set; }

    public int? ProcessId
    {
        get
        {
            lock (_lock)
            {
                return _process?.Id;
            }
        }
    }

    /// <summary>Starts the process, the first time. It is to have been told everything before.</summary>
    public void EnsureStarted()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _running = Task.Run(RunAsync);
        }
    }

    /// <summary>Tells of changes, and ends them with a barrier.</summary>
    public void Tell(IReadOnlyCollection<FenceMessage> changes, long barrier)
    {
        lock (_lock)
        {
            foreach (var change in changes)
            {
                if (change is FenceUpsert upsert)
                {
                    _objects[upsert.Item.Reference] = upsert.Item;
                }
                else if (change is FenceRemove remove)
                {
                    _objects.Remove(remove.Reference);
                }

                Send(change);
            }

            _barrier = barrier;
            Send(new FenceBarrier(barrier));
        }
    }

    /// <summary>
    /// Hands a message over, under the lock. A process that has stopped reading, and has too much waiting for it, is ended: the next one is told everything there is,
    /// which is never more than the objects themselves.
    /// </summary>
    private void Send(FenceMessage message)
    {
        if (_input is not null && !_input.Writer.TryWrite(message))
        {
            _input = null;
            _process?.Kill();
        }
    }

    /// <summary>Waits until a barrier, or a later one, is confirmed.</summary>
    /// <exception cref="LabException">The fence says that it needs help.</exception>
    public Task WaitAsync(long barrier, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (Applied >= barrier)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((barrier, done));
            return done.Task.WaitAsync(cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_lock)
        {
            _input?.Writer.TryComplete();
        }

        await _running;
        _stop.Dispose();
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
            await Task.Delay(pause, _time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task RunOnceAsync()
    {
        var info = new ProcessStartInfo(_command[0]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in _command.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        using var process = _where.Start(info);
        Channel<FenceMessage> input;
        lock (_lock)
        {
            input = Channel.CreateBounded<FenceMessage>(new BoundedChannelOptions(_objects.Count + MostWaiting) { SingleReader = true });
            _process = process;
            _input = input;
            foreach (var item in _objects.Values)
            {
                input.Writer.TryWrite(new FenceUpsert(item));
            }

            input.Writer.TryWrite(new FenceBarrier(_barrier));
            if (_stop.IsCancellationRequested)
            {
                input.Writer.TryComplete();
            }
        }

        try
        {
            await Task.WhenAll(WriteAsync(process, input.Reader), ReadAsync(process, input.Writer), ReadErrorsAsync(process));
            await EndAsync(process);
        }
        finally
        {
            lock (_lock)
            {
                _process = null;
                _input = null;
            }
        }
    }

    private async Task WriteAsync(Process process, ChannelReader<FenceMessage> messages)
    {
        try
        {
            while (await messages.WaitToReadAsync())
            {
                while (messages.TryRead(out var message))
                {
                    await process.StandardInput.WriteAsync(message.ToLine());
                    await process.StandardInput.WriteAsync('\n');
                }

                await process.StandardInput.FlushAsync();
            }

            // The end of its input tells the fence to go.
            process.StandardInput.Close();
            await EndAsync(process);
        }
        catch (IOException)
        {
            // It has died; the reader notices and says why.
        }
    }

    private async Task ReadAsync(Process process, ChannelWriter<FenceMessage> input)
    {
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                Hear(FenceMessage.Parse(line));
            }
        }
        catch (LabException fault)
        {
            LastError = fault.Message;
            process.Kill();
        }
        finally
        {
            input.TryComplete();
        }
    }

    private async Task ReadErrorsAsync(Process process)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
            {
                LastError = line;
            }
        }
    }

    private async Task EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(s_patience, _time);
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
            LastError = $"the fence of node {Node} ended with code {process.ExitCode}{(LastError is null ? "" : $": {LastError}")}";
        }
    }

    private void Hear(FenceMessage message)
    {
        switch (message)
        {
            case FenceApplied applied:
                lock (_lock)
                {
                    Applied = Math.Max(Applied, applied.Number);
                    LastError = null;
                    _waiting.RemoveAll(wait => wait.Barrier <= applied.Number && wait.Done.TrySetResult());
                }

                break;
            case FenceError error:
                LastError = error.Message;
                if (error.NeedsHelp)
                {
                    lock (_lock)
                    {
                        _waiting.ForEach(wait => wait.Done.TrySetException(new LabException(LabError.Fence, error.Message)));
                        _waiting.Clear();
                    }
                }

                break;
            default:
                throw new LabException(LabError.Protocol, $"a fence does not say {message.ToLine()}");
        }
    }
}
