using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>
/// New connections of one flow, one after the other without pause, each from a source port that connection tracking
/// does not know.
/// </summary>
internal sealed class FlowStream
{
    private const int LevelTcp = 6;
    private const int TcpInfo = 11;
    private const int TotalRetransmissions = 100;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(300);

    private readonly ProbeEndpoint _from;
    private readonly ProbeEndpoint _to;
    private readonly IPEndPoint _destination;
    private readonly SourcePorts _ports;

    public FlowStream(LabNetwork network, SourcePorts ports, WatchedFlow watched)
    {
        Watched = watched;
        _ports = ports;
        _from = EndpointResolver.Resolve(network, watched.Flow.From, watched.Flow.Family);
        _to = EndpointResolver.Resolve(network, watched.Flow.To, watched.Flow.Family);
        _destination = new IPEndPoint(_to.Address.ToSystem(), watched.Flow.Port);
    }

    public WatchedFlow Watched { get; }

    public int Tried { get; private set; }

    /// <summary>Handshakes that needed a second packet.</summary>
    public int Repeated { get; private set; }

    /// <summary>Attempts that ended otherwise than the evaluator says, at most a few of them in words.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    /// <summary>Acquires the server, so that a refused connection is never due to a missing server.</summary>
    public Task<ServerTable.Lease> RentServerAsync(ServerTable servers) =>
        servers.AcquireAsync(
            _to.Namespace,
            _to.Name,
            _destination.Address,
            _destination.Port,
            Watched.Flow.Protocol == Protocol.Tcp ? ProtocolType.Tcp : ProtocolType.Udp
        );

    public async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
            }

            var outcome = await TryAsync();
            Tried++;
            var isAllowed = outcome == "reply";
            if (isAllowed != Watched.IsAllowed && Faults.Count < 5)
            {
                Faults.Enqueue($"attempt {Tried} of {Watched}: {outcome}");
            }
        }
    }

    private async Task<string> TryAsync()
    {
        var source = _from.Address.ToSystem();
        var stream = Watched.Flow.Protocol == Protocol.Tcp;
        using var socket = await _from.Namespace.OpenSocketAsync(
            source.AddressFamily,
            stream ? SocketType.Stream : SocketType.Dgram,
            stream ? ProtocolType.Tcp : ProtocolType.Udp
        );
        using var limit = new CancellationTokenSource(
            Watched.IsAllowed || stream ? s_timeout : s_silence,
            TimeProvider.System
        );
        try
        {
            _ports.Bind(socket, _from.Namespace.Inode, source);
            if (stream)
            {
                // A reset at the end leaves no state, neither in the sockets nor in conntrack.
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }

            await socket.ConnectAsync(_destination, limit.Token);
            if (stream)
            {
                CountRepetitions(socket);
            }
            else
            {
                await socket.SendAsync("gap?\n"u8.ToArray(), limit.Token);
            }

            var buffer = new byte[512];
            var length = await socket.ReceiveAsync(buffer, limit.Token);
            var reply = Encoding.ASCII.GetString(buffer, 0, length);
            return reply.StartsWith($"{_to.Name} saw ", StringComparison.Ordinal)
                ? "reply"
                : $"reply of another server: {reply}";
        }
        catch (OperationCanceledException)
        {
            return "no reply";
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode.ToString();
        }
    }

    private void CountRepetitions(Socket socket)
    {
        Span<byte> info = stackalloc byte[TotalRetransmissions + sizeof(int)];
        if (
            socket.GetRawSocketOption(LevelTcp, TcpInfo, info) == info.Length
            && BinaryPrimitives.ReadInt32LittleEndian(info[TotalRetransmissions..]) > 0
        )
        {
            Repeated++;
        }
    }
}
