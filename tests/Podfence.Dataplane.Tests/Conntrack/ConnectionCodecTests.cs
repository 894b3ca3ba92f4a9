using CsCheck;
using Podfence.Model;

namespace Podfence.Dataplane.Tests;

/// <summary>What is written is what is read, byte for byte as nfnetlink_conntrack.h has it.</summary>
public sealed class ConnectionCodecTests
{
    // A DNATed connection as a kernel dumped it: 10.0.0.1:4000 called 10.96.0.1:80, 10.0.0.2:8080 replies.
    private const string Dumped =
        "34000180"
        + "14000180"
        + "08000100"
        + "0A000001"
        + "08000200"
        + "0A600001"
        + "1C000280"
        + "05000100"
        + "06000000"
        + "06000200"
        + "0FA00000"
        + "06000300"
        + "00500000"
        + "34000280"
        + "14000180"
        + "08000100"
        + "0A000002"
        + "08000200"
        + "0A000001"
        + "1C000280"
        + "05000100"
        + "06000000"
        + "06000200"
        + "1F900000"
        + "06000300"
        + "0FA00000"
        + "08000300"
        + "0000002E"
        + "08000700"
        + "00069780"
        + "18000480"
        + "14000180"
        + "05000100"
        + "03000000"
        + "06000400"
        + "23000000"
        + "08000C00"
        + "12345678"
        + "06001200"
        + "00070000";

    private static readonly ConnectionTuple s_original = new(
        IpAddress.Parse("10.0.0.1"),
        IpAddress.Parse("10.96.0.1"),
        6,
        4000,
        80
    );
    private static readonly ConnectionTuple s_reply = new(
        IpAddress.Parse("10.0.0.2"),
        IpAddress.Parse("10.0.0.1"),
        6,
        8080,
        4000
    );

    [Fact]
    public void Read_DumpedEntry_HasEveryPart()
    {
        var connection = ConnectionDecoder.Read(new NetlinkAttributes(Convert.FromHexString(Dumped)));
        Assert.Equal(
            new TrackedConnection
            {
                Original = s_original,
                Reply = s_reply,
                Status =
                    ConnectionStatus.SeenReply
                    | ConnectionStatus.Assured
                    | ConnectionStatus.Confirmed
                    | ConnectionStatus.DestinationNat,
                Timeout = 432_000,
                Id = 0x12345678,
                Zone = 7,
                TcpState = 3,
            },
            connection
        );
    }

    [Fact]
    public void Read_AnyPrefix_IsNothingOrAnEntryAndNeverFails()
    {
        var bytes = Convert.FromHexString(Dumped);
        for (var length = 0; length < bytes.Length; length++)
        {
            var connection = ConnectionDecoder.Read(new NetlinkAttributes(bytes.AsSpan(0, length)));
            Assert.Equal(length >= 104, connection is not null);
        }
    }

    [Fact]
    public void PutDelete_Entry_NamesTupleZoneAndNumber()
    {
        using var writer = new NetlinkWriter();
        ConnectionEncoder.PutDelete(
            writer,
            9,
            new TrackedConnection
            {
                Original = s_original,
                Reply = s_reply,
                Id = 0x12345678,
                Zone = 7,
            }
        );
        Assert.Equal(
            "58000000"
                + "0201"
                + "0100"
                + "09000000"
                + "00000000"
                + "02000000"
                + Dumped[..104]
                + "06001200"
                + "00070000"
                + "08000C00"
                + "12345678",
            Convert.ToHexString(writer.Written)
        );
    }

    [Fact]
    public void PutDump_Always_AsksForBothFamilies()
    {
        using var writer = new NetlinkWriter();
        ConnectionEncoder.PutDump(writer, 9);
        Assert.Equal(
            "14000000" + "0101" + "0103" + "09000000" + "00000000" + "00000000",
            Convert.ToHexString(writer.Written)
        );
    }

    [Fact]
    public void PutNew_AnyEntry_IsReadAgain() =>
        Entries.Sample(static connection =>
        {
            using var writer = new NetlinkWriter();
            ConnectionEncoder.PutNew(writer, 1, connection);
            ReadOnlySpan<byte> rest = writer.Written;
            Assert.True(NetlinkMessage.TryTake(ref rest, out var message));
            Assert.True(rest.IsEmpty);
            Assert.Equal(connection, ConnectionDecoder.Read(message.Attributes));
        });

    private static Gen<TrackedConnection> Entries { get; } =
        from family in Gen.OneOf(Gen.Const(IpFamily.IPv4), Gen.Const(IpFamily.IPv6))
        from original in Tuples(family)
        from reply in Tuples(family)
        from status in Gen.UInt
        from zone in Gen.UShort
        from timeout in Gen.UInt
        let isTcp = original.Protocol == 6
        select new TrackedConnection
        {
            Original = original,
            Reply = reply,
            Status = (ConnectionStatus)status,
            Zone = zone,
            Timeout = timeout,
            TcpState = isTcp ? (byte)(timeout % 12) : null,
        };

    private static Gen<ConnectionTuple> Tuples(IpFamily family) =>
        from source in Gen.UInt
        from destination in Gen.UInt
        from protocol in Gen.Int[0, 5].Select(static index => (byte)(new[] { 1, 6, 17, 47, 58, 132 }[index]))
        from ports in Gen.Select(Gen.UShort, Gen.UShort)
        from zone in Gen.UShort
        let isEcho = protocol is 1 or 58
        select new ConnectionTuple(
            new IpAddress(family, source),
            new IpAddress(family, destination),
            protocol,
            isEcho ? (ushort)0 : ports.Item1,
            isEcho ? (ushort)0 : ports.Item2
        )
        {
            Echo = isEcho ? new Echo(ports.Item1, (byte)ports.Item2, (byte)(ports.Item2 >> 8)) : default,
            Zone = zone,
        };
}
