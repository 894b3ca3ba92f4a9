using System.Globalization;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// A set of protocols and ports, kept as ascending ranges that neither overlap nor touch on one line of numbers: TCP,
/// UDP and SCTP one after the other,
/// then all protocols without ports as one point. Immutable; sets of the same content are equal.
/// </summary>
public sealed class PortSet : IEquatable<PortSet>
{
    private const int Stride = 1 << 16;
    private const int Others = (3 * Stride) + 1;

    private static readonly Protocol[] s_protocols = [Protocol.Tcp, Protocol.Udp, Protocol.Sctp];

    private readonly (int First, int Last)[] _ranges;
    private readonly int _hash;

    private PortSet((int First, int Last)[] ranges)
    {
        _ranges = ranges;
        var hash = default(HashCode);
        foreach (var (first, last) in ranges)
        {
            hash.Add(first);
            hash.Add(last);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>No port.</summary>
    public static PortSet None { get; } = new([]);

    /// <summary>Every port of every protocol, and the protocols without ports.</summary>
    public static PortSet All { get; } =
        new([(1, Stride - 1), (Stride + 1, (2 * Stride) - 1), ((2 * Stride) + 1, (3 * Stride) - 1), (Others, Others)]);

    /// <summary>Whether there is no port.</summary>
    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>Whether nothing is missing.</summary>
    public bool IsAll => Equals(All);

    /// <summary>Whether protocols without ports, such as ICMP, are among them.</summary>
    public bool HasOtherProtocols => _ranges is [.., (_, Others)];

    /// <summary>The ranges: by protocol, ascending. Protocols without ports are not among them.</summary>
    public IEnumerable<(Protocol Protocol, int First, int Last)> Ranges =>
        _ranges
            .Where(static range => range.First != Others)
            .Select(static range => (s_protocols[range.First / Stride], range.First % Stride, range.Last % Stride));

    /// <summary>An inclusive range of a protocol.</summary>
    public static PortSet Of(Protocol protocol, int first, int last)
    {
        var offset = Array.IndexOf(s_protocols, protocol) * Stride;
        return first > last ? None : new([(offset + Math.Max(first, 1), offset + Math.Min(last, Stride - 1))]);
    }

    /// <summary>All ports of a protocol.</summary>
    public static PortSet Of(Protocol protocol) => Of(protocol, 1, Stride - 1);

    /// <summary>Whether a port is in the set; null asks for the protocols without ports.</summary>
    public bool Contains(Protocol? protocol, int port)
    {
        var point = protocol is { } known ? (Array.IndexOf(s_protocols, known) * Stride) + port : Others;
        return Array.Exists(_ranges, range => range.First <= point && point <= range.Last);
    }

    /// <summary>What is in any of the sets.</summary>
    public static PortSet Union(IReadOnlyCollection<PortSet> sets)
    {
        if (sets.Count == 1)
        {
            return sets.First();
        }

        var pieces = sets.SelectMany(static set => set._ranges).Order().ToList();
        var united = new List<(int First, int Last)>(pieces.Count);
        foreach (var (first, last) in pieces)
        {
            if (united.Count > 0 && first <= united[^1].Last + 1)
            {
                united[^1] = (united[^1].First, Math.Max(last, united[^1].Last));
            }
            else
            {
                united.Add((first, last));
            }
        }

        return united.Count == 0 ? None : new([.. united]);
    }

    /// <summary>What is in both sets.</summary>
    public PortSet Intersect(PortSet other)
    {
        if (ReferenceEquals(this, All) || ReferenceEquals(other, None))
        {
            return other;
        }

        if (ReferenceEquals(other, All) || ReferenceEquals(this, None))
        {
            return this;
        }

        var common = new List<(int First, int Last)>();
        for (int i = 0, j = 0; i < _ranges.Length && j < other._ranges.Length; )
        {
            var (a, b) = (_ranges[i], other._ranges[j]);
            var (first, last) = (Math.Max(a.First, b.First), Math.Min(a.Last, b.Last));
            if (first <= last)
            {
                common.Add((first, last));
            }

            // The one that ends first overlaps nothing further.
            if (a.Last < b.Last)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return common.Count == 0 ? None : new([.. common]);
    }

    /// <summary>What is in this set and not in the other.</summary>
    public PortSet Except(PortSet other)
    {
        var left = new List<(int First, int Last)>();
        var j = 0;
        foreach (var range in _ranges)
        {
            var first = range.First;
            while (j < other._ranges.Length && other._ranges[j].Last < first)
            {
                j++;
            }

            for (var k = j; k < other._ranges.Length && other._ranges[k].First <= range.Last; k++)
            {
                if (first < other._ranges[k].First)
                {
                    left.Add((first, other._ranges[k].First - 1));
                }

                first = other._ranges[k].Last + 1;
            }

            if (first <= range.Last)
            {
                left.Add((first, range.Last));
            }
        }

        return left.Count == 0 ? None : new([.. left]);
    }

    /// <inheritdoc/>
    public bool Equals(PortSet? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && _ranges.AsSpan().SequenceEqual(other._ranges));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PortSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>
    /// <c>80/TCP, 8000-8010/TCP, all UDP</c>; <c>all</c> where nothing is missing, <c>none</c> where nothing is in.
    /// </summary>
    public override string ToString()
    {
        if (IsEmpty || IsAll)
        {
            return IsEmpty ? "none" : "all";
        }

        var parts = Ranges.Select(static range => Text(range.Protocol, range.First, range.Last));
        return string.Join(", ", HasOtherProtocols ? parts.Append("other protocols") : parts);
    }

    private static string Text(Protocol protocol, int first, int last)
    {
        var name = protocol.ToString().ToUpperInvariant();
        return first == 1 && last == Stride - 1 ? $"all {name}"
            : first == last ? string.Create(CultureInfo.InvariantCulture, $"{first}/{name}")
            : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}/{name}");
    }
}
