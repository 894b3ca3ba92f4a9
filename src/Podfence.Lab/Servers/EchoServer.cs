using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Podfence.Lab;

/// <summary>
/// A server that says who it is: one line <c>NAME saw ADDRESS:PORT</c> at the start of each TCP connection, then an echo; the same line and the datagram for each UDP datagram.
/// The name proves who answered, the address what the destination sees of the source.
/// </summary>
internal sealed class EchoServer : IDisposable
{
    private const int Backlog = 1024;
    private const int LargestDatagram = 2048;

    private readonly Socket _socket;
    private readonly string _name;

    private EchoServer(Socket socket, string name)
    {
        _socket = socket;
        _name = name;
    }

    /// <summary>Starts a server.</summary>
    /// <exception cref="SocketException">The port is taken, or the namespace does not have the address.</exception>
    public static async Task<EchoServer> StartAsync(NetworkNamespace where, string name, IPEndPoint endpoint, ProtocolType protocol)
    {
        var stream = protocol == ProtocolType.Tcp;
        var socket = await where.OpenSocketAsync(endpoint.AddressFamily, stream ? SocketType.Stream : SocketType.Dgram, protocol);
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
                _ = server.AnswerAsync(new IPEndPoint(endpoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
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
            catch (Exception end) when (end is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.NotSocket or SocketError.InvalidArgument })
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
                var buffer = new byte[LargestDatagram];
                for (int length; (length = await connection.ReceiveAsync(buffer)) > 0;)
                {
                    await connection.SendAsync(buffer.AsMemory(0, length));
                }
            }
            catch (SocketException)
            {
                // Probes end their connections with a reset, to leave nothing in TIME_WAIT.
            }
        }
    }

    private async Task AnswerAsync(IPEndPoint anyone)
    {
        var buffer = new byte[LargestDatagram];
        while (true)
        {
            try
            {
                var datagram = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone);
                byte[] answer = [.. Encoding.ASCII.GetBytes($"{_name} saw {datagram.RemoteEndPoint}\n"), .. buffer.AsSpan(0, datagram.ReceivedBytes)];
                await _socket.SendToAsync(answer, SocketFlags.None, datagram.RemoteEndPoint);
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.NotSocket })
            {
                return;
            }
            catch (SocketException)
            {
                // An answer was refused; the asker has gone.
            }
        }
    }
}
