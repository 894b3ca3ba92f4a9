using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// Numbers of linux/netfilter/nfnetlink_conntrack.h, named as there without the prefixes. Only those that Podfence
/// uses.
/// </summary>
internal static class Ctnetlink
{
    internal const ushort New = Subsystem << 8;
    internal const ushort Get = New | 1;
    internal const ushort Delete = New | 2;

    internal const byte FamilyUnspecified = 0;
    internal const byte FamilyIPv4 = 2;
    internal const byte FamilyIPv6 = 10;

    internal const byte Icmp = 1;
    internal const byte IcmpV6 = 58;

    private const ushort Subsystem = 1;

    internal static class Entry
    {
        internal const int Original = 1;
        internal const int Reply = 2;
        internal const int Status = 3;
        internal const int ProtocolState = 4;
        internal const int Timeout = 7;
        internal const int Id = 12;
        internal const int Zone = 18;
    }

    internal static class Tuple
    {
        internal const int Addresses = 1;
        internal const int Protocol = 2;
        internal const int Zone = 3;
    }

    /// <summary>Of IPv4; those of IPv6 are larger by two.</summary>
    internal static class Address
    {
        internal const int Source = 1;
        internal const int Destination = 2;
        internal const int ToIPv6 = 2;
    }

    internal static class Protocol
    {
        internal const int Number = 1;
        internal const int SourcePort = 2;
        internal const int DestinationPort = 3;
        internal const int EchoId = 4;
        internal const int EchoType = 5;
        internal const int EchoCode = 6;

        /// <summary>Added to the numbers above for an ICMPv6 echo.</summary>
        internal const int EchoToIPv6 = 3;
    }

    /// <summary>The nest of a TCP connection's state.</summary>
    internal static class TcpState
    {
        internal const int Nest = 1;
        internal const int State = 1;

        internal const byte SynSent = 1;
    }
}
