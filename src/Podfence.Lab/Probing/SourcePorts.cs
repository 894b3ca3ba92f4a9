using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Gives each probe a source port that its address has not used recently: connection tracking keeps a UDP flow for
/// minutes, and a probe with the same ports would belong to it, whatever the current policies are.
/// </summary>
internal sealed class SourcePorts
{
    private const int First = 20_000;
    private const int Count = 40_000;
    private const int Tries = 50;

    private readonly ConcurrentDictionary<
        (string Namespace, IPAddress Address, ProtocolType Protocol),
        StrongBox
    > _next = new();

    public void Bind(Socket socket, string @namespace, IPAddress address)
    {
        var counter = _next.GetOrAdd((@namespace, address, socket.ProtocolType), static _ => new StrongBox());
        for (var attempt = 1; ; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref counter.Value) % Count);
            try
            {
                socket.Bind(new IPEndPoint(address, port));
                return;
            }
            catch (SocketException taken)
                when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < Tries)
            {
                // A server uses it.
            }
        }
    }

    private sealed class StrongBox
    {
        public int Value;
    }
}
