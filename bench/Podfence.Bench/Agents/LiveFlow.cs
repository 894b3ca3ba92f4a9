using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// One pod calls another again and again, each time with a new connection, and says from when on the answer is another: accepted, or reset by the fence. Either is known at
/// once, so nothing is measured by waiting for silence.
/// </summary>
internal sealed class LiveFlow : IDisposable
{
    private const int Port = 7070;
    private const int Patience = 5_000;
    private const uint Pause = 200;
    private readonly int _listener;
    private readonly byte[] _to;
    private readonly Task<bool> _running;
    private readonly Lock _gate = new();
    private (bool Accepted, TaskCompletionSource<long> At)? _awaited;
    private volatile bool _ends;

    public LiveFlow(NetworkNamespace caller, NetworkNamespace server, IpAddress address)
    {
        _to = Endpoint.Of(address, Port);
        _listener = server.Run(() =>
        {
            var fd = Posix.OpenStream(Endpoint.Family(address));
            Posix.ReuseAddress(fd);
            Posix.CloseAbruptly(fd);
            Posix.Bind(fd, _to);
            Posix.Listen(fd);
            return fd;
        });
        _running = caller.RunAsync(Run);
    }

    /// <summary>When the first connection is known to be accepted, or refused. To be asked before what changes it.</summary>
    public async Task<long> UntilAsync(bool accepted, TimeSpan patience, CancellationToken cancel)
    {
        var at = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _awaited = (accepted, at);
        }

        var first = await Task.WhenAny(at.Task, _running).WaitAsync(patience, TimeProvider.System, cancel);
        if (first == _running)
        {
            await _running;
        }

        return await at.Task;
    }

    public void Dispose()
    {
        _ends = true;
        ((IAsyncResult)_running).AsyncWaitHandle.WaitOne();
        Posix.Close(_listener);
    }

    private bool Run()
    {
        while (!_ends)
        {
            var accepted = CallOnce();
            var now = TimeProvider.System.GetTimestamp();
            lock (_gate)
            {
                if (_awaited is { } awaited && awaited.Accepted == accepted)
                {
                    awaited.At.SetResult(now);
                    _awaited = null;
                }
            }

            Posix.Rest(Pause);
        }

        return true;
    }

    private bool CallOnce()
    {
        var began = TimeProvider.System.GetTimestamp();
        var caller = Posix.OpenStream(Posix.Inet);
        try
        {
            Posix.CloseAbruptly(caller);
            Posix.Connect(caller, _to);
            while (true)
            {
                var pod = Posix.Accept(_listener);
                if (pod >= 0)
                {
                    Posix.Close(pod);
                    return true;
                }

                // A reset makes the caller readable; a connection that nobody writes to does not.
                if (Posix.Wait(caller, 0))
                {
                    return false;
                }

                if (TimeProvider.System.GetElapsedTime(began).TotalMilliseconds > Patience)
                {
                    throw new BenchException("a connection was neither accepted nor refused");
                }
            }
        }
        finally
        {
            Posix.Close(caller);
        }
    }
}
