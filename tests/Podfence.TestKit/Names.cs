using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// The few names of one generated cluster: addresses, blocks, ports, labels. Few on purpose, so that policies often
/// match existing objects, and so that the classes of flows stay few.
/// </summary>
internal sealed class Names
{
    public const string Unused = "unused";

    private static readonly string[] s_external4 =
    [
        "198.51.100.7",
        "203.0.113.200",
        "172.17.1.5",
        "10.0.0.1",
        "255.255.255.255",
    ];
    private static readonly string[] s_external6 =
    [
        "2001:db8:51::7",
        "2001:db8:ffff::1",
        "fd00:9::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];
    private static readonly int[] s_lengths4 = [0, 1, 8, 16, 24, 28, 29, 30, 31, 32];
    private static readonly int[] s_lengths6 = [0, 1, 16, 32, 48, 64, 96, 120, 125, 126, 127, 128];
    private static readonly int[] s_numbers = [1, 53, 79, 80, 81, 443, 1024, 8080, 32768, 65534, 65535];
    private static readonly string[] s_portNames = ["http", "dns", "web", "fifteen-chars-x"];

    private readonly Rng _rng;

    public Names(Rng rng, int nodes)
    {
        _rng = rng;
        NodeCount = nodes;
        Numbers = rng.Shuffled(s_numbers)[..rng.Between(2, 5)];
        Blocks = Rng.Many(rng.Between(2, 6), NewBlock);
        Ports = Rng.Many(rng.Between(3, 9), NewPort);
    }

    public int NodeCount { get; }

    /// <summary>Port numbers of containers and policies.</summary>
    public IReadOnlyList<int> Numbers { get; }

    /// <summary>Blocks of policies, exceptions included. Policies repeat them.</summary>
    public IReadOnlyList<IpBlockPeer> Blocks { get; }

    /// <summary>Port items of policies.</summary>
    public IReadOnlyList<PolicyPort> Ports { get; }

    public static IpAddress NodeAddress(int node, IpFamily family, int index = 0) =>
        IpAddress.Parse(family == IpFamily.IPv4 ? $"192.168.{index}.{node}" : $"fd00:168:{index}::{node}");

    public static IpAddress PodAddress(int node, int number, IpFamily family) =>
        IpAddress.Parse(family == IpFamily.IPv4 ? $"10.244.{node}.{number}" : $"fd00:244:{node}::{number:x}");

    public static Cidr PodCidr(int node, IpFamily family) =>
        new(PodAddress(node, 0, family), family == IpFamily.IPv4 ? 24 : 64);

    public Protocol AnyProtocol() =>
        _rng.Weighted(6, 3, 2) switch
        {
            0 => Protocol.Tcp,
            1 => Protocol.Udp,
            _ => Protocol.Sctp,
        };

    public string PortName() => _rng.Pick(s_portNames);

    private PolicyPort NewPort()
    {
        var protocol = AnyProtocol();
        var number = _rng.Pick(Numbers);
        switch (_rng.Weighted(3, 2, 3, 1, 1, 4, 1))
        {
            case 0:
                return new PolicyPort(protocol, number, number);
            case 1:
                return new PolicyPort(protocol);
            case 2:
                var other = _rng.Pick(Numbers);
                return new PolicyPort(protocol, Math.Min(number, other), Math.Max(number, other));
            case 3:
                return new PolicyPort(protocol, 1, 65535);
            case 4:
                // A neighbour of a port in use, or a range that touches it.
                return new PolicyPort(protocol, number, Math.Min(number + 1, 65535));
            case 5:
                return new PolicyPort(protocol, Name: PortName());
            default:
                return new PolicyPort(protocol, Name: Unused);
        }
    }

    private IpBlockPeer NewBlock()
    {
        var cidr = Around(AnyAddress(_rng.Percent(55) ? IpFamily.IPv4 : IpFamily.IPv6));
        return new IpBlockPeer(cidr, NewExceptions(cidr));
    }

    /// <summary>
    /// Exceptions: disjoint, touching, nested, twice the same; sometimes one that the server rejects today but old
    /// objects may have.
    /// </summary>
    private EquatableArray<Cidr> NewExceptions(Cidr cidr)
    {
        var holes = new List<Cidr>();
        var count = cidr.PrefixLength == cidr.Family.Bits() ? 0 : _rng.Weighted(5, 3, 2, 1);
        for (var i = 0; i < count; i++)
        {
            var last = holes.Count > 0 ? holes[^1] : (Cidr?)null;
            holes.Add(
                _rng.Weighted(6, 2, 1, 1) switch
                {
                    1 when last is { } outer && outer.PrefixLength < outer.Family.Bits() => Inside(outer),
                    2 when last is { } again => again,
                    3 when _rng.Percent(20) => _rng.Percent(50) ? cidr : Around(AnyAddress(cidr.Family)),
                    _ => Inside(cidr),
                }
            );
        }

        return holes.ToEquatableArray();
    }

    private Cidr Inside(Cidr block)
    {
        var bits = block.Family.Bits();
        var address = _rng.Weighted(5, 1, 1) switch
        {
            0 => Enumerable
                .Range(0, 8)
                .Select(_ => AnyAddress(block.Family))
                .FirstOrDefault(block.Contains, block.Network),
            1 => block.Network,
            _ => block.Last,
        };
        var length = _rng.Pick(
            block.PrefixLength + 1,
            Math.Min(block.PrefixLength + 2, bits),
            (block.PrefixLength + 1 + bits) / 2,
            bits - 1,
            bits
        );
        return new Cidr(address, Math.Max(length, block.PrefixLength + 1));
    }

    private Cidr Around(IpAddress address) =>
        new(address, _rng.Pick(address.Family == IpFamily.IPv4 ? s_lengths4 : s_lengths6));

    private IpAddress AnyAddress(IpFamily family) =>
        _rng.Weighted(5, 1, 3) switch
        {
            0 => PodAddress(_rng.Between(1, NodeCount), _rng.Between(2, 9), family),
            1 => NodeAddress(_rng.Between(1, NodeCount), family),
            _ => IpAddress.Parse(_rng.Pick(family == IpFamily.IPv4 ? s_external4 : s_external6)),
        };
}
