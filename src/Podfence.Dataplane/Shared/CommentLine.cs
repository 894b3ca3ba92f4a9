namespace Podfence.Dataplane;

/// <summary>A comment line that nft, ipset, iptables-restore and the shell skip.</summary>
public static class CommentLine
{
    /// <summary>
    /// The line, without line break. Characters that would end it early, in a name or a file's path, are replaced: what
    /// follows must not be read as a rule.
    /// </summary>
    public static string Of(string note) =>
        $"# {string.Create(note.Length, note, static (line, text) =>
    {
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(text[i]) || text[i] is '\u2028' or '\u2029' ? '_' : text[i];
        }
    })}";
}
