using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Podfence.Lab;

/// <summary>
/// An echo server that identifies itself: it sends the line <c>NAME saw ADDRESS:PORT</c> at the start of each TCP
/// connection and before each echoed datagram. The name identifies the server, the address is the source as the
/// destination sees it.
/// </summary>
internal sealed class EchoServer : IDisposable
{
    private const int Backlog = 1024;
    private const int MaxDatagramBytes = 2048;

    private readonly Socket _socket;
    private readonly string _name;

    private EchoServer(Socket socket, string name)
    {
        _socket = socket;
        _name = name;
    }

    /// <exception cref="SocketException">The port is in use, or the namespace does not have the address.</exception>
    public static async Task<EchoServer> StartAsync(
        NetworkNamespace where,
        string name,
        IPEndPoint endpoint,
        ProtocolType protocol
    )
    {
        var stream = protocol == ProtocolType.Tcp;
        var socket = await where.OpenSocketAsync(
            endpoint.AddressFamily,
            stream ? SocketType.Stream : SocketType.Dgram,
            protocol
        );
        try
        {
            socket.Bind(endpoint);
            var server = new EchoServer(socket, name);
            if (stream)
            {
                socket.Listen(Backlog);
                _ = server.AcceptAsync();
            }
            else
            {
                _ = server.ReplyAsync(
                    new IPEndPoint(
                        endpoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any,
                        0
                    )
                );
            }

            return server;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var connection = await _socket.AcceptAsync();
                _ = EchoAsync(connection);
            }
            catch (Exception end)
                when (end
                        is ObjectDisposedException
                            or SocketException
                            {
                                SocketErrorCode: SocketError.OperationAborted
                                    or SocketError.NotSocket
                                    or SocketError.InvalidArgument
                            }
                )
            {
                return;
            }
            catch (SocketException)
            {
                // The connection ended while it waited to be accepted.
            }
        }
    }

    private async Task EchoAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                connection.NoDelay = true;
                await connection.SendAsync(Encoding.ASCII.GetBytes($"{_name} saw {connection.RemoteEndPoint}\n"));
                var buffer = new byte[MaxDatagramBytes];
                for (int length; (length = await connection.ReceiveAsync(buffer)) > 0; )
                {
                    await connection.SendAsync(buffer.AsMemory(0, length));
                }
            }
            catch (SocketException)
            {
                // Probes reset their connections to avoid TIME_WAIT.
            }
        }
    }

    private async Task ReplyAsync(IPEndPoint any)
    {
        var buffer = new byte[MaxDatagramBytes];
        while (true)
        {
            try
            {
                var datagram = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any);
                byte[] reply =
                [
                    .. Encoding.ASCII.GetBytes($"{_name} saw {datagram.RemoteEndPoint}\n"),
                    .. buffer.AsSpan(0, datagram.ReceivedBytes),
                ];
                await _socket.SendToAsync(reply, SocketFlags.None, datagram.RemoteEndPoint);
            }
            catch (Exception end)
                when (end
                        is ObjectDisposedException
                            or SocketException
                            {
                                SocketErrorCode: SocketError.OperationAborted or SocketError.NotSocket
                            }
                )
            {
                return;
            }
            catch (SocketException)
            {
                // The reply was rejected: the prober has closed its socket.
            }
        }
    }
}
