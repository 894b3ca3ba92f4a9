using System.Diagnostics;
using System.Threading.Channels;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The fence of a node that is told of every object through a pipe (<see cref="FenceMessage"/>); one that is started again is told everything anew.</summary>
internal sealed class FenceChild(string node, NetworkNamespace where, IReadOnlyList<string> command, TimeProvider time) : NodeProcess(node, where, command, time)
{
    /// <summary>So many messages may wait beside those that say everything once.</summary>
    private const int MostWaiting = 65_536;

    private readonly Dictionary<ObjectReference, ClusterObject> _objects = [];
    private readonly List<(long Barrier, TaskCompletionSource Done)> _waiting = [];
    private Channel<FenceMessage>? _input;
    private long _barrier;

    public override void Tell(IReadOnlyCollection<FenceMessage> changes, long barrier)
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

            _barrier = barrier;
            Send(new FenceBarrier(barrier));
        }
    }

    public override Task WaitAsync(long barrier, CancellationToken cancel)
    {
        lock (Gate)
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

    private protected override void AskToEnd()
    {
        lock (Gate)
        {
            _input?.Writer.TryComplete();
        }
    }

    private protected override ProcessStartInfo StartInfo(string program) =>
        new(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };

    private protected override async Task AttendAsync(Process process)
    {
        var input = TellEverything();
        try
        {
            await Task.WhenAll(WriteAsync(process, input.Reader), ReadAsync(process, input.Writer), ReadErrorsAsync(process, static _ => true));
            await EndAsync(process);
        }
        finally
        {
            lock (Gate)
            {
                _input = null;
            }
        }
    }

    private Channel<FenceMessage> TellEverything()
    {
        lock (Gate)
        {
            var input = Channel.CreateBounded<FenceMessage>(new BoundedChannelOptions(_objects.Count + MostWaiting) { SingleReader = true });
            _input = input;
            foreach (var item in _objects.Values)
            {
                input.Writer.TryWrite(new FenceUpsert(item));
            }

            input.Writer.TryWrite(new FenceBarrier(_barrier));
            if (Stopping.IsCancellationRequested)
            {
                input.Writer.TryComplete();
            }

            return input;
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

    private void Hear(FenceMessage message)
    {
        switch (message)
        {
            case FenceApplied applied:
                lock (Gate)
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
                    lock (Gate)
                    {
                        _waiting.ForEach(wait => wait.Done.TrySetException(new LabException(LabError.Fence, error.Message)));
                        _waiting.Clear();
                    }
                }

                break;
            default:
                throw new LabException(LabError.Protocol, $"unexpected message from a fence: {message.ToLine()}");
        }
    }
}
