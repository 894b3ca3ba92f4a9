using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Numbers of linux/netfilter/nf_tables.h and nfnetlink.h, named as there without the prefixes. Only those that
/// Podfence uses.
/// </summary>
internal static class NfTables
{
    /// <summary>The name of Podfence's table.</summary>
    internal const string TableName = "podfence";

    /// <summary>NFPROTO_INET: both families in one table.</summary>
    internal const byte FamilyInet = 1;

    internal const byte FamilyUnspecified = 0;
    internal const ushort Subsystem = 10;
    internal const ushort BatchBegin = 16;
    internal const ushort BatchEnd = 17;

    /// <summary>A message's type on the wire.</summary>
    internal static ushort MessageType(NfMessage message) => (ushort)((Subsystem << 8) | (int)message);

    internal static class TableAttribute
    {
        internal const int Name = 1;
        internal const int Flags = 2;
    }

    internal static class ChainAttribute
    {
        internal const int Table = 1;
        internal const int Name = 3;
        internal const int Hook = 4;
        internal const int Policy = 5;
        internal const int Type = 7;
        internal const int UserData = 12;
    }

    internal static class HookAttribute
    {
        internal const int Number = 1;
        internal const int Priority = 2;
    }

    internal static class RuleAttribute
    {
        internal const int Table = 1;
        internal const int Chain = 2;
        internal const int Expressions = 4;
        internal const int UserData = 7;
    }

    internal static class SetAttribute
    {
        internal const int Table = 1;
        internal const int Name = 2;
        internal const int Flags = 3;
        internal const int KeyType = 4;
        internal const int KeyLength = 5;
        internal const int DataType = 6;
        internal const int DataLength = 7;
        internal const int Description = 9;
        internal const int Id = 10;
        internal const int UserData = 13;
    }

    internal static class SetFlag
    {
        internal const uint Interval = 0x4;
        internal const uint Map = 0x8;
        internal const uint Concatenation = 0x80;
    }

    internal const int SetDescriptionConcatenation = 2;
    internal const int SetFieldLength = 1;
    internal const int ListElement = 1;

    internal static class ElementListAttribute
    {
        internal const int Table = 1;
        internal const int Set = 2;
        internal const int Elements = 3;
        internal const int SetId = 4;
    }

    internal static class ElementAttribute
    {
        internal const int Key = 1;
        internal const int Data = 2;
        internal const int Flags = 3;
        internal const int UserData = 6;
        internal const int KeyEnd = 10;
    }

    internal const uint ElementIntervalEnd = 1;
    internal const uint DataTypeVerdict = 0xffffff00;

    internal static class DataAttribute
    {
        internal const int Value = 1;
        internal const int Verdict = 2;
    }

    internal static class VerdictAttribute
    {
        internal const int Code = 1;
        internal const int Chain = 2;
    }

    internal static class ExpressionAttribute
    {
        internal const int Name = 1;
        internal const int Data = 2;
    }

    internal const int GenerationId = 1;

    /// <summary>
    /// The first 16-byte register. The same 64 bytes are also sixteen registers of 4 bytes, numbered from
    /// <see cref="SmallRegister0"/>.
    /// </summary>
    internal const uint Register1 = 1;

    internal const uint SmallRegister0 = 8;

    internal const uint MetaIif = 4;
    internal const uint MetaNfProto = 15;
    internal const uint MetaL4Proto = 16;

    /// <summary>The interface of that number is lo in each network namespace; compared in host byte order.</summary>
    internal const uint LoopbackIndex = 1;
    internal const uint CtState = 0;

    /// <summary>Offset of the flags in the TCP header.</summary>
    internal const uint TcpFlagsOffset = 13;

    /// <summary>A TCP flag.</summary>
    internal const byte TcpSyn = 0x02;

    /// <summary>A TCP flag.</summary>
    internal const byte TcpAck = 0x10;

    /// <summary>Established and related, as bits of <c>ct state</c>.</summary>
    internal const uint CtEstablishedOrRelated = 2 | 4;

    internal const uint PayloadNetworkHeader = 1;
    internal const uint PayloadTransportHeader = 2;

    internal const uint RejectTcpReset = 1;
    internal const uint RejectIcmpx = 2;
    internal const byte RejectIcmpxPortUnreachable = 1;

    internal const byte ProtocolIcmp = 1;
    internal const byte ProtocolIcmpV6 = 58;
}

/// <summary>nf_tables' messages.</summary>
internal enum NfMessage : byte
{
    NewTable = 0,
    GetTable = 1,
    DeleteTable = 2,
    NewChain = 3,
    GetChain = 4,
    DeleteChain = 5,
    NewRule = 6,
    GetRule = 7,
    DeleteRule = 8,
    NewSet = 9,
    GetSet = 10,
    DeleteSet = 11,
    NewElements = 12,
    GetElements = 13,
    DeleteElements = 14,
    NewGeneration = 15,
    GetGeneration = 16,
}

/// <summary>How the <c>cmp</c> expression compares.</summary>
internal enum NfCompare : byte
{
    Equal = 0,
    NotEqual = 1,
    AtMost = 3,
    AtLeast = 5,
}
