using System.Buffers.Binary;
using System.Text;
using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>Looks up the device of a route, and whether it is a bridge (rtnetlink(7)).</summary>
internal sealed class RouteTable : IDisposable
{
    private const int ProtocolRoute = 0;
    private const ushort NewRoute = 24;
    private const ushort GetRoute = 26;
    private const ushort NewLink = 16;
    private const ushort GetLink = 18;
    private const int RouteHeaderLength = 12;
    private const int LinkHeaderLength = 16;
    private const int RouteType = 7;
    private const byte TypeLocal = 2;
    private const int AttributeDestination = 1;
    private const int AttributeOutput = 4;
    private const int AttributeLinkInfo = 18;
    private const int AttributeLinkKind = 1;

    private readonly NetlinkSocket _socket;
    private uint _sequence;

    private RouteTable(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens the table of the calling thread's network namespace.</summary>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    public static RouteTable Open() => new(NetlinkSocket.Open(ProtocolRoute, TimeSpan.FromSeconds(5)));

    /// <summary>The index of the device of the route to an address; null where there is no route.</summary>
    public int? DeviceTo(IpAddress address)
    {
        int? device = null;
        RequestRoute(address, payload =>
        {
            foreach (var attribute in new NetlinkAttributes(payload[RouteHeaderLength..]))
            {
                if (attribute.Type == AttributeOutput)
                {
                    device = BinaryPrimitives.ReadInt32LittleEndian(attribute.Value);
                }
            }
        });
        return device;
    }

    /// <summary>Whether an address is local: it is on a device of this namespace.</summary>
    public bool IsLocal(IpAddress address)
    {
        var isLocal = false;
        RequestRoute(address, payload => isLocal = payload[RouteType] == TypeLocal);
        return isLocal;
    }

    /// <summary>Whether a device is a Linux bridge.</summary>
    public bool IsBridge(int device)
    {
        Span<byte> request = stackalloc byte[NetlinkMessage.HeaderLength + LinkHeaderLength];
        request.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(request[(NetlinkMessage.HeaderLength + 4)..], device);

        var isBridge = false;
        Request(request, GetLink, NewLink, payload =>
        {
            foreach (var attribute in new NetlinkAttributes(payload[LinkHeaderLength..]))
            {
                if (attribute.Type != AttributeLinkInfo)
                {
                    continue;
                }

                foreach (var info in new NetlinkAttributes(attribute.Value))
                {
                    isBridge |=
                        info.Type == AttributeLinkKind
                        && Encoding.ASCII.GetString(info.Value).TrimEnd('\0') == "bridge";
                }
            }
        });
        return isBridge;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void RequestRoute(IpAddress address, PayloadHandler handler)
    {
        Span<byte> request = stackalloc byte[NetlinkMessage.HeaderLength + RouteHeaderLength + 4 + address.Length];
        request.Clear();
        var body = request[NetlinkMessage.HeaderLength..];
        body[0] = (byte)(address.Family == IpFamily.IPv4 ? 2 : 10);
        body[1] = (byte)address.Family.Bits();
        BinaryPrimitives.WriteUInt16LittleEndian(body[RouteHeaderLength..], (ushort)(4 + address.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(body[(RouteHeaderLength + 2)..], AttributeDestination);
        address.WriteTo(body[(RouteHeaderLength + 4)..]);
        Request(request, GetRoute, NewRoute, handler);
    }

    private delegate void PayloadHandler(ReadOnlySpan<byte> payload);

    /// <summary>One request, one response; an error of the kernel, such as no route, calls no handler.</summary>
    private void Request(Span<byte> request, ushort type, ushort responseType, PayloadHandler handler)
    {
        BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], NetlinkMessage.FlagRequest);
        BinaryPrimitives.WriteUInt32LittleEndian(request[8..], ++_sequence);
        _socket.Send(request);
        for (var received = false; !received; )
        {
            _socket.Receive(message =>
            {
                if (message.Sequence != _sequence)
                {
                    return;
                }

                received = true;
                if (message.Type == responseType)
                {
                    handler(message.Payload);
                }
            });
        }
    }
}
