using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// Entries of a real kernel, in a namespace where nothing else is. They are put there by hand: no packet is sent.
/// </summary>
[Collection(Serial.Name)]
public sealed class ConnectionTableTests : IDisposable
{
    private readonly PrivateNetns? _netns;
    private readonly ConnectionTable? _table;

    public ConnectionTableTests()
    {
        Assert.SkipUnless(PrivateNetns.IsPermitted, PrivateNetns.SkipReason);
        _netns = new PrivateNetns();
        _table = _netns.Run(ConnectionTable.Open);
    }

    private ConnectionTable Table => _table!;

    [Theory]
    [InlineData("10.0.0.")]
    [InlineData("fd00::")]
    public void Sweep_ReleasedAddress_RemovesWhatTouchesItAndNothingElse(string prefix)
    {
        IpAddress Address(int number) => IpAddress.Parse($"{prefix}{number}");
        TrackedConnection[] all =
        [
            Between(Address(1), Address(2), Address(2), 6, 1),
            Between(Address(2), Address(1), Address(1), 17, 2),
            Between(Address(3), Address(4), Address(1), 6, 3),
            Between(Address(3), Address(1), Address(4), 132, 4),
            Between(Address(1), Address(4), Address(4), 6, 5) with
            {
                Zone = 9,
            },
            Echo(Address(1), Address(3), 6),
            Between(Address(3), Address(4), Address(4), 6, 7),
            Between(Address(11), Address(12), Address(12), 6, 8),
            Echo(Address(3), Address(4), 9),
        ];
        Assert.Equal(0, Table.Add(all));
        Assert.Equal(6, Remove(Address(1)));
        Assert.Equal([7, 8, 9], Remaining());
    }

    [Fact]
    public void Sweep_ManyAddressesOfBothFamilies_IsOneWayThroughTheTable()
    {
        Table.Add(Enumerable.Range(1, 200).Select(number => Between(V4(number), V4(1000), V4(1000), 6, number)));
        Table.Add(Enumerable.Range(1, 100).Select(number => Between(V6(number), V6(1000), V6(1000), 17, number)));
        var sweep = Table.Sweep(
            Enumerable.Range(1, 50).SelectMany(static number => new[] { V4(number), V6(number) }).ToHashSet(),
            static _ => SweepAction.Remove
        );
        Assert.True(sweep.Continue(static () => false));
        Assert.Equal(300, sweep.Read);
        Assert.Equal(100, sweep.Removed);
        Assert.Equal(200, Remaining().Count);
    }

    [Fact]
    public void Sweep_Kept_StaysAsItIs()
    {
        Table.Add([Between(V4(1), V4(2), V4(2), 6, 1), Between(V4(1), V4(3), V4(3), 6, 2)]);
        var sweep = Table.Sweep(new HashSet<IpAddress> { V4(1) }, static connection =>
            connection.Reply.Source == V4(3) ? SweepAction.Remove : SweepAction.Keep
        );
        Assert.True(sweep.Continue(static () => false));
        Assert.Equal(1, sweep.Removed);
        Assert.Equal([1], Remaining());
    }

    [Fact]
    public void Sweep_InPieces_ComesToTheSameEnd()
    {
        Table.Add(Enumerable.Range(1, 3000).Select(number => Between(V4(number), V4(1), V4(1), 6, number)));
        var sweep = Table.Sweep(new HashSet<IpAddress> { V4(1), V4(2) }, static connection =>
            connection.Original.SourcePort % 3 == 0 ? SweepAction.Remove : SweepAction.Keep
        );
        var pieces = 0;
        for (var done = false; !done; pieces++)
        {
            var steps = 0;
            done = sweep.Continue(() => steps++ == 40);
        }

        Assert.True(pieces > 50, $"{pieces} pieces");
        Assert.Equal(1000, sweep.Removed);
        Assert.Equal(2000, Remaining().Count);
    }

    [Fact]
    public void Sweep_GivenUpHalfWay_LeavesTheNextOneWhole()
    {
        Table.Add(Enumerable.Range(1, 3000).Select(number => Between(V4(number), V4(1), V4(1), 6, number)));
        var first = Table.Sweep(new HashSet<IpAddress> { V4(1), V4(2) }, static _ => SweepAction.Remove);
        var steps = 0;
        Assert.False(first.Continue(() => steps++ == 10));
        Assert.Equal(3000 - (int)first.Removed, Remove(V4(1), V4(2)));
    }

    [Theory]
    [InlineData("10.0.0.", "240.0.0.0/4")]
    [InlineData("fd00::", "100::/64")]
    public void Sweep_TerminatedTcp_LeavesTombstonesWithoutReply(string prefix, string unused)
    {
        IpAddress Address(int number) => IpAddress.Parse($"{prefix}{number}");
        var terminated = Between(Address(1), Address(2), Address(2), 6, 1) with { Timeout = 500 };
        Table.Add([
            terminated,
            Between(Address(1), Address(2), Address(2), 6, 2) with
            {
                TcpState = Ctnetlink.TcpState.SynSent,
            },
            Between(Address(1), Address(2), Address(3), 6, 3),
            Between(Address(1), Address(2), Address(2), 17, 4),
        ]);
        Assert.Equal(4, Sweep(static _ => SweepAction.Terminate, Address(1)));

        var left = All();
        Assert.Equal(
            new[] { terminated.Original, terminated.Reply }.OrderBy(static tuple => tuple.Source),
            left.Select(static connection => connection.Original).OrderBy(static tuple => tuple.Source)
        );
        Assert.All(left, connection =>
        {
            Assert.True(ConntrackTombstones.Include(connection));
            Assert.True(Cidr.Parse(unused).Contains(connection.Reply.Source));
            Assert.False(connection.Status.HasFlag(ConnectionStatus.SeenReply));
            Assert.InRange(connection.Timeout, 490u, 500u);
        });

        Assert.Equal(0, Sweep(static _ => SweepAction.Terminate, Address(1)));
        Assert.Equal(2, Remove(Address(1)));
    }

    [Fact]
    public void IsOfThisNode_AddressesOfDevices_AreAndOthersAreNot()
    {
        _netns!.RunProgram("ip", ["link", "set", "lo", "up"]);
        _netns.RunProgram("ip", ["link", "add", "cni0", "up", "type", "bridge"]);
        _netns.RunProgram("ip", ["addr", "add", "10.244.1.1/24", "dev", "cni0"]);
        _netns.RunProgram("ip", ["addr", "add", "fd00:244::1/128", "dev", "lo"]);
        foreach (var own in (string[])["10.244.1.1", "127.0.0.1", "fd00:244::1", "::1"])
        {
            Assert.True(Table.IsLocal(IpAddress.Parse(own)), own);
        }

        foreach (var other in (string[])["10.244.1.2", "192.0.2.1", "fd00:244::2", "2001:db8::1"])
        {
            Assert.False(Table.IsLocal(IpAddress.Parse(other)), other);
        }
    }

    [Fact]
    public void Sweep_HundredThousandEntries_TakesLittleMemoryAndTime()
    {
        const int Count = 100_000;
        var clock = TimeProvider.System;
        Measure("nothing there", V4(1));
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(2000))
        {
            Assert.Equal(
                0,
                Table.Add(
                    chunk.Select(static number =>
                        Between(
                            V4(1 + (number / 50_000)),
                            V4(10 + (number % 50_000)),
                            V4(10 + (number % 50_000)),
                            6,
                            1 + (number / 10)
                        )
                    )
                )
            );
        }

        Measure("everything read, nothing decided", V4(300_000), V4(300_001));
        Measure("everything read, half of it decided", V4(1), V4(300_001));
        var begin = clock.GetTimestamp();
        Assert.Equal(Count / 2, Remove(V4(1)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"half of it removed: {clock.GetElapsedTime(begin).TotalMilliseconds:F1} ms"
        );

        void Measure(string what, params IpAddress[] addresses)
        {
            var set = addresses.ToHashSet();
            for (var round = 0; round < 3; round++)
            {
                var before = GC.GetTotalMemory(forceFullCollection: true);
                var most = 0L;
                var asked = 0;
                var longest = TimeSpan.Zero;
                var last = clock.GetTimestamp();
                var decided = 0;
                var start = clock.GetTimestamp();
                var sweep = Table.Sweep(set, _ =>
                {
                    decided++;
                    return SweepAction.Keep;
                });
                Assert.True(
                    sweep.Continue(() =>
                    {
                        longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, clock.GetElapsedTime(last).Ticks));
                        last = clock.GetTimestamp();
                        most =
                            asked++ % 1000 == 0
                                ? Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before)
                                : most;
                        return false;
                    })
                );
                var elapsed = clock.GetElapsedTime(start);
                TestContext.Current.TestOutputHelper?.WriteLine(
                    $"{what}: {sweep.Read} read, {decided} decided upon, {elapsed.TotalMilliseconds:F1} ms, at "
                        + $"most {longest.TotalMilliseconds:F1} ms at a time, {most / 1024} KiB more at most"
                );
                Assert.True(elapsed < TimeSpan.FromSeconds(5), $"{what} took {elapsed}");
                Assert.True(most < 16 << 20, $"{what} took {most} bytes");
            }
        }
    }

    public void Dispose()
    {
        _table?.Dispose();
        _netns?.Dispose();
    }

    private static IpAddress V4(int number) => new(IpFamily.IPv4, (UInt128)(0x0a00_0000 + number));

    private static IpAddress V6(int number) => new(IpFamily.IPv6, IpAddress.Parse("fd00::").Value + (UInt128)number);

    /// <summary>A connection with replies from <paramref name="server"/>, identified by its source port.</summary>
    private static TrackedConnection Between(IpAddress from, IpAddress to, IpAddress server, byte protocol, int port) =>
        new()
        {
            Original = new ConnectionTuple(from, to, protocol, (ushort)port, 80),
            Reply = new ConnectionTuple(server, from, protocol, 80, (ushort)port),
            Timeout = 300,
            TcpState = protocol == 6 ? (byte)3 : null,
        };

    private static TrackedConnection Echo(IpAddress from, IpAddress to, int id)
    {
        var (protocol, request, reply) =
            from.Family == IpFamily.IPv4 ? (Ctnetlink.Icmp, 8, 0) : (Ctnetlink.IcmpV6, 128, 129);
        return new TrackedConnection
        {
            Original = new ConnectionTuple(from, to, protocol) { Echo = new Echo((ushort)id, (byte)request, 0) },
            Reply = new ConnectionTuple(to, from, protocol) { Echo = new Echo((ushort)id, (byte)reply, 0) },
            Timeout = 300,
        };
    }

    private int Remove(params IpAddress[] addresses) => Sweep(static _ => SweepAction.Remove, addresses);

    private int Sweep(Func<TrackedConnection, SweepAction> decide, params IpAddress[] addresses)
    {
        var sweep = Table.Sweep(addresses.ToHashSet(), decide);
        Assert.True(sweep.Continue(static () => false));
        return (int)sweep.Removed;
    }

    /// <summary>Source ports, or numbers of echoes, of what the table still has.</summary>
    private List<int> Remaining() =>
        [.. All().Select(static connection => connection.Original.SourcePort + connection.Original.Echo.Id).Order()];

    private List<TrackedConnection> All()
    {
        var found = new List<TrackedConnection>();
        var sequence = Table.Begin();
        while (
            Table.ReadChunk(sequence, message => found.Add(ConnectionDecoder.Read(message.Attributes)!.Value)) is null
        ) { }

        return found;
    }
}
