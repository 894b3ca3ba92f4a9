using System.Net;
using System.Net.Sockets;

namespace Podfence.Lab;

/// <summary>
/// Gives a node of the lab access to the lab's API server and nothing else of the machine: it listens on the loopback
/// address of the node's namespace and forwards every connection. No network link leaves the lab.
/// </summary>
internal sealed class ApiRelay : IAsyncDisposable
{
    private const int MaxConnections = 64;
    private readonly Socket _listener;
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _free = new(MaxConnections);
    private readonly Task _running;

    private ApiRelay(Socket listener, IPEndPoint server)
    {
        _listener = listener;
        _server = server;
        _running = AcceptAsync();
    }

    /// <summary>Starts to listen in a namespace.</summary>
    public static async Task<ApiRelay> StartAsync(NetworkNamespace where, int port, IPEndPoint server)
    {
        var listener = await where.OpenSocketAsync(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(MaxConnections);
        return new ApiRelay(listener, server);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                await _free.WaitAsync(_stop.Token);
                var near = await _listener.AcceptAsync(_stop.Token);
                connections.RemoveAll(static connection => connection.IsCompleted);
                connections.Add(PassAsync(near));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The lab ends.
        }

        await Task.WhenAll(connections);
    }

    private async Task PassAsync(Socket near)
    {
        using var far = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (near)
        {
            try
            {
                near.NoDelay = true;
                await far.ConnectAsync(_server, _stop.Token);
                await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException)
            {
                // The server is down: the client sees its connection end.
            }
            finally
            {
                _free.Release();
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stop.Token) is > 0 and var count)
            {
                for (var sent = 0; sent < count; )
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, _stop.Token);
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side closed its connection; the other is closed too.
        }
    }
}
