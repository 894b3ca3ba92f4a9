using System.Net;
using System.Net.Sockets;

namespace Podfence.ClusterTests;

/// <summary>Stands between agents and their API server, and does to their connections what networks do.</summary>
internal sealed class FaultyWay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private IPEndPoint? _server;
    private Task _running = Task.CompletedTask;
    private volatile bool _isSilent;
    private volatile bool _isClosed;
    private volatile int _bytesUntilCut = int.MaxValue;
    private volatile int _delay;

    /// <summary>Connections that were made through here.</summary>
    public int Connections { get; private set; }

    /// <summary>Begins, and says where agents are to go.</summary>
    public IPEndPoint To(IPEndPoint server)
    {
        if (_server is null)
        {
            _server = server;
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(64);
            _running = AcceptAsync();
        }

        return (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>
    /// Half-open: connections stand, new ones are taken, and nothing comes through in either direction.
    /// </summary>
    public void FallSilent() => _isSilent = true;

    /// <summary>New connections are closed at once, and all that stand now.</summary>
    public void Close()
    {
        _isClosed = true;
        CutAll();
    }

    /// <summary>
    /// Every connection is cut after so many bytes from the server: in the middle of an object, sooner or later.
    /// </summary>
    public void CutAfter(int bytes) => _bytesUntilCut = bytes;

    /// <summary>Everything from the server comes later.</summary>
    public void SlowDown(TimeSpan delay) => _delay = (int)delay.TotalMilliseconds;

    /// <summary>All is well again; connections that were silent are closed.</summary>
    public void Heal()
    {
        var wasSilent = _isSilent;
        (_isSilent, _isClosed, _bytesUntilCut, _delay) = (false, false, int.MaxValue, 0);
        if (wasSilent)
        {
            CutAll();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        CutAll();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Cuts every connection that stands.</summary>
    public void CutAll()
    {
        lock (_lock)
        {
            _open.ForEach(static socket => socket.Close(0));
            _open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        List<Task> passing = [];
        try
        {
            while (true)
            {
                var near = await _listener.AcceptAsync(_stop.Token);
                Connections++;
                if (_isClosed)
                {
                    near.Close(0);
                    continue;
                }

                passing.Add(PassAsync(near));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }

        await Task.WhenAll(passing);
    }

    private async Task PassAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lock (_lock)
        {
            _open.Add(near);
            _open.Add(far);
        }

        using (near)
        {
            try
            {
                await far.ConnectAsync(_server!, _stop.Token);
                await Task.WhenAny(CopyAsync(near, far, isAnswer: false), CopyAsync(far, near, isAnswer: true));
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The server is down, or the connection was cut.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[16 << 10];
        var passed = 0;
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stop.Token) is > 0 and var count)
            {
                while (_isSilent)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _stop.Token);
                    if (!from.Connected)
                    {
                        return;
                    }
                }

                if (isAnswer && _delay > 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(_delay), TimeProvider.System, _stop.Token);
                }

                var most = isAnswer ? Math.Min(count, Math.Max(0, _bytesUntilCut - passed)) : count;
                for (var sent = 0; sent < most; )
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, most - sent), SocketFlags.None, _stop.Token);
                }

                passed += most;
                if (most < count)
                {
                    return;
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Either side has gone.
        }
    }
}
