using System.Text;

namespace Podfence.Dataplane.Iptables;

/// <summary>Input of <c>iptables-restore --noflush</c> for the filter table: all of it comes into force at once. Names no chain but ours, and the three of our jumps.</summary>
public sealed class TableScript
{
    private readonly List<string> _declared = [];
    private readonly List<string> _rules = [];
    private readonly List<string> _flushed = [];
    private readonly List<string> _deleted = [];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => _declared.Count + _rules.Count + _deleted.Count == 0;

    /// <summary>Makes a chain, or empties the one that is there, and gives it rules.</summary>
    public void Write(string chain, IEnumerable<string> rules)
    {
        _declared.Add($":{chain} - [0:0]");
        foreach (var rule in rules)
        {
            _rules.Add($"-A {chain} {rule}");
        }
    }

    /// <summary>Puts a jump first in a chain of the table.</summary>
    public void InsertFirst(string hook, string rule) => _rules.Add($"-I {hook} 1 {rule}");

    /// <summary>Takes a rule out of a chain of the table.</summary>
    public void Remove(string hook, string rule) => _rules.Add($"-D {hook} {rule}");

    /// <summary>Deletes chains, which may refer to each other; nothing else may to them.</summary>
    public void Delete(string chain)
    {
        _flushed.Add($"-F {chain}");
        _deleted.Add($"-X {chain}");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder("*filter\n");
        foreach (var line in _declared.Concat(_rules).Concat(_flushed).Concat(_deleted))
        {
            text.Append(line).Append('\n');
        }

        return text.Append("COMMIT\n").ToString();
    }
}
