using System.Numerics;
using System.Text;
using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>Input of <c>ipset restore</c>: commands that are executed one after the other, each by itself.</summary>
public sealed class IpsetScript
{
    private const int SmallestTable = 64;
    private const int LargestTable = 1 << 20;

    private readonly List<string> _lines = [];

    /// <summary>One command per line.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Creates a set and fills it.</summary>
    public void Create(IptSet set, IReadOnlyCollection<IptElement> elements)
    {
        // A small hash table for small sets, of which there are thousands; large ones need not grow step by step. The
        // kernel grows either.
        var size = Math.Clamp(
            BitOperations.RoundUpToPowerOf2((uint)(elements.Count / 2) + 1),
            SmallestTable,
            LargestTable
        );
        var family = set.Family == IpFamily.IPv4 ? "inet" : "inet6";
        var type = set.Header[..set.Header.IndexOf(' ', StringComparison.Ordinal)];
        var comment = set.Type == IptSetType.Pods ? " comment" : "";
        _lines.Add(
            $"create {set.Name} {type} family {family} hashsize {size} maxelem {IptLimits.SetElements}{comment}"
        );
        Add(set, elements);
    }

    /// <summary>Adds elements. Those with comments may be there already, with others.</summary>
    public void Add(IptSet set, IEnumerable<IptElement> elements)
    {
        foreach (var element in elements)
        {
            _lines.Add(element.Comment is null ? $"add {set.Name} {element}" : $"add {set.Name} {element} -exist");
        }
    }

    /// <summary>Deletes elements.</summary>
    public void Delete(IptSet set, IEnumerable<IptElement> elements)
    {
        foreach (var element in elements)
        {
            _lines.Add($"del {set.Name} {element.Key}");
        }
    }

    /// <summary>Destroys a set that no rule matches.</summary>
    public void Destroy(string set) => _lines.Add($"destroy {set}");

    /// <summary>Appends another script.</summary>
    public void Append(IpsetScript other) => _lines.AddRange(other._lines);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in _lines)
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}
