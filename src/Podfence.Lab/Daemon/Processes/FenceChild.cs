using System.Diagnostics;
using System.Threading.Channels;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// A node process that receives every object through a pipe (<see cref="FenceMessage"/>); after a restart it receives
/// all of them again.
/// </summary>
internal sealed class FenceChild(string node, NetworkNamespace where, IReadOnlyList<string> command, TimeProvider time)
    : NodeProcess(node, where, command, time)
{
    // Beyond the messages for all objects, which a new process receives first.
    private const int MaxPendingMessages = 65_536;

    private readonly Dictionary<ObjectReference, ClusterObject> _objects = [];
    private readonly List<(long SyncPoint, TaskCompletionSource Done)> _waiting = [];
    private Channel<FenceMessage>? _input;
    private long _syncPoint;

    public override void Send(IReadOnlyCollection<FenceMessage> changes, long syncPoint)
    {
        lock (Gate)
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

            _syncPoint = syncPoint;
            Send(new FenceSyncPoint(syncPoint));
        }
    }

    public override Task WaitAsync(long syncPoint, CancellationToken cancel)
    {
        lock (Gate)
        {
            if (Applied >= syncPoint)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((syncPoint, done));
            return done.Task.WaitAsync(cancel);
        }
    }

    private protected override void RequestStop()
    {
        lock (Gate)
        {
            _input?.Writer.TryComplete();
        }
    }

    private protected override ProcessStartInfo StartInfo(string program) =>
        new(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    private protected override async Task ServeAsync(Process process)
    {
        var input = SendAllObjects();
        try
        {
            await Task.WhenAll(
                WriteAsync(process, input.Reader),
                ReadAsync(process, input.Writer),
                ReadErrorsAsync(process, static _ => true)
            );
            await WaitForExitAsync(process);
        }
        finally
        {
            lock (Gate)
            {
                _input = null;
            }
        }
    }

    private Channel<FenceMessage> SendAllObjects()
    {
        lock (Gate)
        {
            var options = new BoundedChannelOptions(_objects.Count + MaxPendingMessages) { SingleReader = true };
            var input = Channel.CreateBounded<FenceMessage>(options);
            _input = input;
            foreach (var item in _objects.Values)
            {
                input.Writer.TryWrite(new FenceUpsert(item));
            }

            input.Writer.TryWrite(new FenceSyncPoint(_syncPoint));
            if (Stopping.IsCancellationRequested)
            {
                input.Writer.TryComplete();
            }

            return input;
        }
    }

    /// <summary>
    /// Queues a message; called under the lock. A process that has stopped reading and has too many pending messages is
    /// killed: the next one receives the current objects, which are never more than the objects themselves.
    /// </summary>
    private void Send(FenceMessage message)
    {
        if (_input is not null && !_input.Writer.TryWrite(message))
        {
            _input = null;
            Kill();
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

            // The fence exits at the end of its input.
            process.StandardInput.Close();
            await WaitForExitAsync(process);
        }
        catch (IOException)
        {
            // The process died; the reader reports why.
        }
    }

    private async Task ReadAsync(Process process, ChannelWriter<FenceMessage> input)
    {
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                Receive(FenceMessage.Parse(line));
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

    private void Receive(FenceMessage message)
    {
        switch (message)
        {
            case FenceApplied applied:
                lock (Gate)
                {
                    Applied = Math.Max(Applied, applied.Number);
                    LastError = null;
                    _waiting.RemoveAll(wait => wait.SyncPoint <= applied.Number && wait.Done.TrySetResult());
                }

                break;
            case FenceError error:
                LastError = error.Message;
                if (error.NeedsHelp)
                {
                    lock (Gate)
                    {
                        var failure = new LabException(LabError.Fence, error.Message);
                        _waiting.ForEach(wait => wait.Done.TrySetException(failure));
                        _waiting.Clear();
                    }
                }

                break;
            default:
                throw new LabException(LabError.Protocol, $"unexpected message from a fence: {message.ToLine()}");
        }
    }
}
