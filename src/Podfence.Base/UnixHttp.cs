using System.Net.Sockets;

namespace Podfence.Base;

/// <summary>HTTP over a Unix socket.</summary>
public static class UnixHttp
{
    /// <summary>Creates a client whose connections all go to one socket, whatever host a request names.</summary>
    /// <param name="path">The socket's path.</param>
    public static HttpClient CreateClient(string path) =>
        new(
            new SocketsHttpHandler { ConnectCallback = (_, cancel) => ConnectAsync(path, cancel) },
            disposeHandler: true
        );

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
            return new NetworkStream(connection, ownsSocket: true);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
