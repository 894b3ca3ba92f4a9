using System.Text;

namespace Podfence.Dataplane.Iptables;

/// <summary>A match of addresses with a set.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Ends">Which of the packet's fields: <c>src</c>, <c>dst</c> or <c>dst,dst</c> (address and port).</param>
public readonly record struct SetMatch(string Set, string Ends);

/// <summary>A rule, in the words and the order in which iptables-save prints it.</summary>
/// <param name="Before">Matches before that of the set, such as <c>-p tcp -m tcp --dport 80</c>; or empty.</param>
/// <param name="Match">At most one set.</param>
/// <param name="Comment">Names the policy; cut to what iptables takes.</param>
/// <param name="Target">Such as <c>-j RETURN</c>.</param>
public sealed record IptRule(string Before, SetMatch? Match, string Comment, string Target)
{
    /// <summary>Matches after that of the set, because they cost more; or empty.</summary>
    public string After { get; init; } = "";

    /// <summary>A rule without a set.</summary>
    public static IptRule Of(string before, string comment, string target) => new(before, null, comment, target);

    /// <summary>
    /// The rule as lines. Two where the set is about to change: both together then see the set as it will be, whatever part of the change has been done,
    /// because what is to leave is told apart by one set and what is to come found in another.
    /// </summary>
    public IEnumerable<string> Lines(SetView view)
    {
        if (Match is not { } match)
        {
            return [Line("")];
        }

        var plain = $"-m set --match-set {match.Set} {match.Ends}";
        if (view.Of(match.Set) is not { } change)
        {
            return [Line(plain)];
        }

        var rest = change.Removed.Count > 0 ? $"{plain} -m set ! --match-set {change.RemovedSet.Name} {match.Ends}" : plain;
        return change.Added.Count > 0 ? [Line(rest), Line($"-m set --match-set {change.AddedSet.Name} {match.Ends}")] : [Line(rest)];
    }

    private string Line(string match)
    {
        var text = new StringBuilder();
        foreach (var part in (ReadOnlySpan<string>)[Before, match, After])
        {
            if (part.Length > 0)
            {
                text.Append(part).Append(' ');
            }
        }

        return text.Append("-m comment --comment \"").Append(CommentText.Cut(Comment, IptLimits.Comment)).Append("\" ").Append(Target).ToString();
    }
}

/// <summary>How rules look at sets: as they are, or as they will be.</summary>
public sealed class SetView
{
    private readonly Dictionary<string, IptSetChange> _changes;

    /// <summary>Sets as they are.</summary>
    public static SetView Plain { get; } = new([]);

    /// <summary>Sets as they will be after some changes, for which the sets of what comes and leaves have been made.</summary>
    public SetView(IEnumerable<IptSetChange> changes) => _changes = changes.ToDictionary(static change => change.Set.Name);

    /// <summary>How a set is about to change; null where it is not.</summary>
    public IptSetChange? Of(string set) => _changes.GetValueOrDefault(set);
}

/// <summary>A chain of ours.</summary>
/// <param name="Name">At most 28 letters.</param>
/// <param name="Rules">In order.</param>
public sealed record IptChain(string Name, IReadOnlyList<IptRule> Rules)
{
    /// <summary>The rules as lines.</summary>
    public IReadOnlyList<string> Lines(SetView view) => [.. Rules.SelectMany(rule => rule.Lines(view))];

    /// <summary>Whether some rule looks at a set that is about to change.</summary>
    public bool Sees(SetView view) => Rules.Any(rule => rule.Match is { } match && view.Of(match.Set) is not null);
}
