using System.Net;
using System.Net.Sockets;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>An established connection with both of its ends: what one sends, the other has to receive.</summary>
internal sealed class Conversation : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);
    private readonly Socket? _listener;
    private readonly EndPoint _client;
    private byte _word;

    private Conversation(Socket caller, Socket server, Socket? listener, EndPoint client)
    {
        Caller = caller;
        Server = server;
        _listener = listener;
        _client = client;
    }

    public Socket Caller { get; }

    public Socket Server { get; }

    /// <summary>Begins it, and exchanges a word.</summary>
    /// <param name="from">Where the caller is.</param>
    /// <param name="to">The namespace of the server.</param>
    /// <param name="own">The server's own address.</param>
    /// <param name="called">The address that is called; perhaps one that is translated on the way.</param>
    /// <param name="protocol">TCP or UDP.</param>
    public static async Task<Conversation> BeginAsync(
        NetworkNamespace from,
        NetworkNamespace to,
        IpAddress own,
        IpAddress called,
        Protocol protocol
    )
    {
        var (kind, type) =
            protocol == Protocol.Tcp ? (SocketType.Stream, ProtocolType.Tcp) : (SocketType.Dgram, ProtocolType.Udp);
        var family = own.ToSystem().AddressFamily;
        using var limit = new CancellationTokenSource(s_timeout, TimeProvider.System);
        var server = await to.OpenSocketAsync(family, kind, type);
        server.Bind(new IPEndPoint(own.ToSystem(), 0));
        var port = ((IPEndPoint)server.LocalEndPoint!).Port;
        var caller = await from.OpenSocketAsync(family, kind, type);
        Conversation conversation;
        if (protocol == Protocol.Tcp)
        {
            server.Listen();
            await caller.ConnectAsync(new IPEndPoint(called.ToSystem(), port), limit.Token);
            caller.NoDelay = true;
            var accepted = await server.AcceptAsync(limit.Token);
            accepted.NoDelay = true;
            conversation = new Conversation(caller, accepted, server, accepted.RemoteEndPoint!);
        }
        else
        {
            await caller.ConnectAsync(new IPEndPoint(called.ToSystem(), port), limit.Token);
            await caller.SendAsync(new byte[] { 0 }, limit.Token);
            var listener = await server.ReceiveFromAsync(
                new byte[8],
                new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0),
                limit.Token
            );
            conversation = new Conversation(caller, server, null, listener.RemoteEndPoint);
        }

        Assert.True(await conversation.GoesOnAsync(), "a connection that no policy denies");
        return conversation;
    }

    /// <summary>Whether a word of the client reaches the server, and one of the server the client.</summary>
    public async Task<bool> GoesOnAsync(int milliseconds = 700)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
        try
        {
            await Caller.SendAsync(new[] { ++_word }, limit.Token);
            await ReceiveAsync(Server, _word, limit.Token);
            await ReplyAsync(++_word, limit.Token);
            await ReceiveAsync(Caller, _word, limit.Token);
            return true;
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The server sends first. Whether the client receives it is not checked.</summary>
    public async Task PushAsync()
    {
        using var limit = new CancellationTokenSource(s_timeout, TimeProvider.System);
        try
        {
            await ReplyAsync(++_word, limit.Token);
        }
        catch (SocketException)
        {
            // Reset already.
        }
    }

    /// <summary>Whether the caller's kernel has closed the connection.</summary>
    public bool CallerIsReset
    {
        get
        {
            try
            {
                return Caller.Poll(0, SelectMode.SelectError)
                    || (Caller.Poll(0, SelectMode.SelectRead) && Caller.Available == 0);
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }

    public void Dispose()
    {
        Caller.Dispose();
        Server.Dispose();
        _listener?.Dispose();
    }

    private async Task ReplyAsync(byte word, CancellationToken cancel)
    {
        if (Server.SocketType == SocketType.Stream)
        {
            await Server.SendAsync(new[] { word }, cancel);
        }
        else
        {
            await Server.SendToAsync(new[] { word }, _client, cancel);
        }
    }

    // Words that were lost may come late.
    private static async Task ReceiveAsync(Socket socket, byte word, CancellationToken cancel)
    {
        var buffer = new byte[64];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancel);
            if (length == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            if (buffer.AsSpan(0, length).Contains(word))
            {
                return;
            }
        }
    }
}
