using System.Net;
using System.Net.Sockets;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>A connection under way, whose two ends are in hand: what one says, the other has to hear.</summary>
internal sealed class Conversation : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Socket? _listener;
    private readonly EndPoint _client;
    private byte _word;

    private Conversation(Socket caller, Socket answerer, Socket? listener, EndPoint client)
    {
        Caller = caller;
        Answerer = answerer;
        _listener = listener;
        _client = client;
    }

    public Socket Caller { get; }

    public Socket Answerer { get; }

    /// <summary>Begins it, and exchanges a word.</summary>
    /// <param name="from">Where the caller is.</param>
    /// <param name="to">Where the answerer is.</param>
    /// <param name="own">The answerer's own address.</param>
    /// <param name="called">The address that is called; perhaps one that is translated on the way.</param>
    /// <param name="protocol">TCP or UDP.</param>
    public static async Task<Conversation> BeginAsync(NetworkNamespace from, NetworkNamespace to, IpAddress own, IpAddress called, Protocol protocol)
    {
        var (kind, type) = protocol == Protocol.Tcp ? (SocketType.Stream, ProtocolType.Tcp) : (SocketType.Dgram, ProtocolType.Udp);
        var family = own.ToSystem().AddressFamily;
        using var limit = new CancellationTokenSource(s_patience, TimeProvider.System);
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
            var answerer = await server.AcceptAsync(limit.Token);
            answerer.NoDelay = true;
            conversation = new Conversation(caller, answerer, server, answerer.RemoteEndPoint!);
        }
        else
        {
            await caller.ConnectAsync(new IPEndPoint(called.ToSystem(), port), limit.Token);
            await caller.SendAsync(new byte[] { 0 }, limit.Token);
            var heard = await server.ReceiveFromAsync(new byte[8], new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), limit.Token);
            conversation = new Conversation(caller, server, null, heard.RemoteEndPoint);
        }

        Assert.True(await conversation.GoesOnAsync(), "a conversation that nobody forbids");
        return conversation;
    }

    /// <summary>Whether a word of the caller comes to the answerer, and one of the answerer's to the caller.</summary>
    public async Task<bool> GoesOnAsync(int milliseconds = 700)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
        try
        {
            await Caller.SendAsync(new[] { ++_word }, limit.Token);
            await HearAsync(Answerer, _word, limit.Token);
            await AnswerAsync(++_word, limit.Token);
            await HearAsync(Caller, _word, limit.Token);
            return true;
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The answerer speaks first. Whether the caller hears it or not is not asked.</summary>
    public async Task PushAsync()
    {
        using var limit = new CancellationTokenSource(s_patience, TimeProvider.System);
        try
        {
            await AnswerAsync(++_word, limit.Token);
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
                return Caller.Poll(0, SelectMode.SelectError) || (Caller.Poll(0, SelectMode.SelectRead) && Caller.Available == 0);
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
        Answerer.Dispose();
        _listener?.Dispose();
    }

    private async Task AnswerAsync(byte word, CancellationToken cancel)
    {
        if (Answerer.SocketType == SocketType.Stream)
        {
            await Answerer.SendAsync(new[] { word }, cancel);
        }
        else
        {
            await Answerer.SendToAsync(new[] { word }, _client, cancel);
        }
    }

    // Words that were lost may come late.
    private static async Task HearAsync(Socket socket, byte word, CancellationToken cancel)
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
