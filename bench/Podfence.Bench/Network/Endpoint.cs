using System.Buffers.Binary;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>Addresses in the form that socket calls take.</summary>
internal static class Endpoint
{
    /// <summary>A sockaddr_in or sockaddr_in6.</summary>
    public static byte[] Of(IpAddress address, int port)
    {
        var bytes = new byte[address.Family == IpFamily.IPv4 ? 16 : 28];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Family(address));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        address.WriteTo(bytes.AsSpan(address.Family == IpFamily.IPv4 ? 4 : 8));
        return bytes;
    }

    public static int Family(IpAddress address) => address.Family == IpFamily.IPv4 ? Posix.Inet : Posix.Inet6;
}
