using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// One pod calls another again and again, each time with a new connection, and says from when on the answer is another:
/// accepted, or reset by the fence. Either is known at once, so nothing is measured by waiting for silence. No source
/// port comes again while connection tracking may remember it: what it knows passes every fence.
/// </summary>
internal sealed class LiveFlow : IDisposable
{
    private const int Port = 7070;
    private const int Patience = 5_000;
    private const uint Pause = 200;
    private const int FirstSource = 20_000;
    private const int LastSource = 65_000;

    // One answer may be an accident of the machine's.
    private const int Certain = 3;
    private readonly int _listener;
    private readonly IpAddress _caller;
    private readonly byte[] _to;
    private readonly Task<bool> _running;
    private readonly Lock _gate = new();
    private (bool Accepted, TaskCompletionSource<long> At)? _awaited;
    private int _source = FirstSource;
    private volatile bool _ends;

    public LiveFlow(NetworkNamespace caller, IpAddress from, NetworkNamespace server, IpAddress to)
    {
        _caller = from;
        _to = Endpoint.Of(to, Port);
        _listener = server.Run(() =>
        {
            var fd = Posix.OpenStream(Endpoint.Family(to));
            Posix.ReuseAddress(fd);
            Posix.CloseAbruptly(fd);
            Posix.Bind(fd, _to);
            Posix.Listen(fd);
            return fd;
        });
        _running = caller.RunAsync(Run);
    }

    /// <summary>
    /// When the first connection is known to be accepted, or refused. To be asked before what changes it.
    /// </summary>
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
        var (last, since, times) = (false, 0L, 0);
        while (!_ends)
        {
            var accepted = CallOnce();
            if (times == 0 || accepted != last)
            {
                (last, since, times) = (accepted, TimeProvider.System.GetTimestamp(), 0);
            }

            times++;
            lock (_gate)
            {
                if (times >= Certain && _awaited is { } awaited && awaited.Accepted == accepted)
                {
                    awaited.At.SetResult(since);
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
            _source = _source == LastSource ? FirstSource : _source + 1;
            Posix.CloseAbruptly(caller);
            Posix.Bind(caller, Endpoint.Of(_caller, _source));
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
