using System.Collections.Concurrent;
using System.Globalization;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// Sends a connection's first packet through the tables of a <see cref="FakeIptables"/>, word by word of each rule.
/// </summary>
internal sealed class IptSimulator(FakeIptables kernel, Func<IpAddress, bool>? isLocal = null)
{
    private static readonly ConcurrentDictionary<string, string[]> s_words = new();

    /// <summary>The outcome of a packet at a hook. What no rule decides is accepted.</summary>
    public PacketVerdict Trace(string hook, Packet packet) => Walk(hook, packet, 0) ?? PacketVerdict.Accepted;

    private PacketVerdict? Walk(string chain, Packet packet, int depth)
    {
        if (depth > 40)
        {
            throw new InvalidOperationException($"{chain}: too deep");
        }

        foreach (var rule in kernel.Tables[packet.Source.Family][chain])
        {
            var words = s_words.GetOrAdd(rule, Split);
            if (!Matches(words, packet))
            {
                continue;
            }

            var at = Array.FindLastIndex(words, static word => word is "-j" or "-g");
            var target = words[at + 1];
            switch (target)
            {
                case "RETURN":
                    return null;
                case "DROP":
                    return PacketVerdict.Dropped;
                case "REJECT":
                    return words[^1] == "tcp-reset" ? PacketVerdict.Reset : PacketVerdict.Unreachable;
                default:
                    var result = Walk(target, packet, depth + 1);
                    if (result is not null || words[at] == "-g")
                    {
                        return result;
                    }

                    break;
            }
        }

        return null;
    }

    private bool Matches(string[] words, Packet packet)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var not = i > 0 && words[i - 1] == "!";
            var matches = words[i] switch
            {
                "-i" => packet.IsLoopback,
                "-p" => packet.Protocol == Number(words[i + 1]),
                "--dport" => Port(words[i + 1], packet.DestinationPort),
                "--icmp-type" => words[i + 1] == $"{packet.IcmpType}/{packet.IcmpCode}",
                "--icmpv6-type" => words[i + 1] == $"{packet.IcmpType}",
                "--ctstate" => packet.IsTracked,
                "--tcp-flags" => true,
                "--match-set" => Contains(words[i + 1], words[i + 2], packet),
                "--bytecode" => Bpf(words[i + 1], packet),
                "--src-type" => isLocal?.Invoke(packet.Source) ?? false,
                _ => !not,
            };
            if (matches == not)
            {
                return false;
            }
        }

        return true;
    }

    private bool Contains(string name, string ends, Packet packet)
    {
        var set = kernel.Sets[name];
        var address = ends.StartsWith("src", StringComparison.Ordinal) ? packet.Source : packet.Destination;
        return set.Type switch
        {
            "hash:ip" => set.Elements.ContainsKey(address.ToString()),
            "hash:net" => set.Elements.Keys.Any(key =>
                (
                    key.Contains('/', StringComparison.Ordinal)
                        ? Cidr.Parse(key)
                        : new Cidr(IpAddress.Parse(key), address.Family.Bits())
                ).Contains(address)
            ),
            _ => packet.HasPorts()
                && set.Elements.ContainsKey(
                    $"{address},{((Protocol)packet.Protocol).ToString().ToLowerInvariant()}:{packet.DestinationPort}"
                ),
        };
    }

    private static bool Port(string span, int port)
    {
        var ends = span.Split(':');
        return port >= int.Parse(ends[0], CultureInfo.InvariantCulture)
            && port <= int.Parse(ends[^1], CultureInfo.InvariantCulture);
    }

    private static int Number(string protocol) =>
        protocol switch
        {
            "tcp" => 6,
            "udp" => 17,
            "sctp" => 132,
            "icmp" => 1,
            _ => 58,
        };

    /// <summary>Classic BPF, as much of it as Podfence's program needs.</summary>
    private static bool Bpf(string program, Packet packet)
    {
        Span<byte> header = stackalloc byte[40];
        header.Clear();
        var (source, destination) = packet.Source.Family == IpFamily.IPv4 ? (12, 16) : (8, 24);
        packet.Source.WriteTo(header[source..]);
        packet.Destination.WriteTo(header[destination..]);
        var code = program
            .Split(',')
            .Skip(1)
            .Select(static line =>
                line.Split(' ').Select(static word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray()
            )
            .ToList();
        var (a, x) = (0u, 0u);
        for (var at = 0; ; at++)
        {
            var (operation, yes, no, k) = (code[at][0], code[at][1], code[at][2], code[at][3]);
            switch (operation)
            {
                case 32:
                    a = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header[k..]);
                    break;
                case 7:
                    x = a;
                    break;
                case 29:
                    at += a == x ? yes : no;
                    break;
                case 6:
                    return k != 0;
                default:
                    throw new InvalidOperationException($"{operation}");
            }
        }
    }

    private static string[] Split(string rule)
    {
        var words = new List<string>();
        foreach (var (part, i) in rule.Split('"').Select(static (part, i) => (part, i)))
        {
            words.AddRange(i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        // What a comment says must not be taken for an option.
        var comment = words.IndexOf("--comment");
        words.RemoveRange(comment, 2);
        return [.. words];
    }
}

/// <summary>What the nftables fake keeps to itself.</summary>
internal static class PacketExtensions
{
    public static bool HasPorts(this Packet packet) => Enum.IsDefined((Protocol)packet.Protocol);
}
