using System.Net;
using System.Net.Sockets;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.KernelTests;

/// <summary>
/// Datagrams of denied flows, as fast as one thread sends them: a gap of a few microseconds is met only by many
/// packets. One source port for each flow will do: a denied packet leaves no conntrack entry, and one that gets through
/// opens the flow for the rest, which is easily detected.
/// </summary>
internal sealed class Flood : IDisposable
{
    private readonly List<Socket> _sockets = [];
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _over = new();
    private readonly TimeSpan _pause;

    private Flood(TimeSpan pause)
    {
        _pause = pause;
        _thread = new Thread(Send) { IsBackground = true, Name = "flood" };
    }

    /// <summary>Datagrams so far.</summary>
    public long Sent { get; private set; }

    public static async Task<Flood> BeginAsync(
        LabNetwork network,
        SourcePorts ports,
        IEnumerable<WatchedFlow> flows,
        TimeSpan pause
    )
    {
        var flood = new Flood(pause);
        foreach (
            var flow in flows
                .Where(static watched => !watched.IsAllowed && watched.Flow.Protocol == Protocol.Udp)
                .Select(static watched => watched.Flow)
        )
        {
            var from = EndpointResolver.Resolve(network, flow.From, flow.Family);
            var to = EndpointResolver.Resolve(network, flow.To, flow.Family);
            var source = from.Address.ToSystem();
            var socket = await from.Namespace.OpenSocketAsync(source.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            ports.Bind(socket, from.Namespace.Inode, source);
            await socket.ConnectAsync(new IPEndPoint(to.Address.ToSystem(), flow.Port));
            flood._sockets.Add(socket);
        }

        flood._thread.Start();
        return flood;
    }

    /// <summary>Ends it; nothing is sent any more when this returns.</summary>
    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _sockets.ForEach(static socket => socket.Dispose());
        _sockets.Clear();
    }

    private void Send()
    {
        ReadOnlySpan<byte> payload = "flood\n"u8;
        while (_sockets.Count > 0 && !_over.Wait(_pause))
        {
            foreach (var socket in _sockets)
            {
                // Every second call reports the ICMP error of the datagram before.
                _ = socket.Send(payload, SocketFlags.None, out var error);
                Sent += error == SocketError.Success ? 1 : 0;
            }
        }
    }
}
