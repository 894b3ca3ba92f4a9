using System.Text;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Input of <c>iptables-restore --noflush</c> for the filter table: all of it comes into force at once. Names only
/// Podfence's chains and the built-in chains of its jumps.
/// </summary>
public sealed class TableScript
{
    private readonly List<string> _declared = [];
    private readonly List<string> _rules = [];
    private readonly List<string> _flushed = [];
    private readonly List<string> _deleted = [];

    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => _declared.Count + _rules.Count + _deleted.Count == 0;

    /// <summary>Creates a chain, or empties the existing one, and adds its rules.</summary>
    public void Write(string chain, IEnumerable<string> rules)
    {
        _declared.Add($":{chain} - [0:0]");
        foreach (var rule in rules)
        {
            _rules.Add($"-A {chain} {rule}");
        }
    }

    /// <summary>Inserts a jump as the first rule of a chain.</summary>
    public void InsertFirst(string hook, string rule) => _rules.Add($"-I {hook} 1 {rule}");

    /// <summary>Removes a rule from a chain.</summary>
    public void Remove(string hook, string rule) => _rules.Add($"-D {hook} {rule}");

    /// <summary>Deletes a chain. Deleted chains may refer to each other; no other rule may refer to them.</summary>
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
