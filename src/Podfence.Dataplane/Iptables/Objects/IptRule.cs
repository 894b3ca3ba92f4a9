using System.Text;

namespace Podfence.Dataplane.Iptables;

/// <summary>A match of addresses against a set.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Ends">
/// The packet's fields: <c>src</c>, <c>dst</c> or <c>dst,dst</c> (address and port).
/// </param>
public readonly record struct SetMatch(string Set, string Ends);

/// <summary>A rule, in the words and the order in which iptables-save prints it.</summary>
/// <param name="Before">Matches before that of the set, such as <c>-p tcp -m tcp --dport 80</c>; or empty.</param>
/// <param name="Match">At most one set.</param>
/// <param name="Comment">Names the policy; cut to what iptables accepts.</param>
/// <param name="Target">Such as <c>-j RETURN</c>.</param>
public sealed record IptRule(string Before, SetMatch? Match, string Comment, string Target)
{
    /// <summary>Matches after that of the set, because they cost more; or empty.</summary>
    public string After { get; init; } = "";

    /// <summary>What the rule was lowered from; null for rules that are the same on every node. Not compared.</summary>
    public RuleSource? Source { get; init; }

    /// <summary>A rule without a set.</summary>
    public static IptRule Of(string before, string comment, string target) => new(before, null, comment, target);

    /// <summary>
    /// The rule as lines. Two where the set is about to change: both together then match the set as it will be,
    /// whatever part of the change has been done, because elements to remove are excluded by one set and elements to
    /// add are found in another.
    /// </summary>
    public IEnumerable<string> Lines(SetView view)
    {
        if (Match is not { } match)
        {
            return [Line("")];
        }

        var plain = $"-m set --match-set {match.Set} {match.Ends}";
        if (view.Find(match.Set) is not { } change)
        {
            return [Line(plain)];
        }

        var rest =
            change.Removed.Count > 0 ? $"{plain} -m set ! --match-set {change.RemovedSet.Name} {match.Ends}" : plain;
        return change.Added.Count > 0
            ? [Line(rest), Line($"-m set --match-set {change.AddedSet.Name} {match.Ends}")]
            : [Line(rest)];
    }

    /// <summary>Whether both are the same rule to the kernel, whatever they were lowered from.</summary>
    public bool Equals(IptRule? other) =>
        other is not null
        && Before == other.Before
        && Match == other.Match
        && Comment == other.Comment
        && Target == other.Target
        && After == other.After;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Before, Match, Comment, Target, After);

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

        var comment = CommentText.Cut(Comment, IptLimits.Comment);
        return text.Append("-m comment --comment \"").Append(comment).Append("\" ").Append(Target).ToString();
    }
}
