using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// Something that a long-running verb is told, on the command line, in the environment or in a file: declared once, read by <see cref="SettingSource"/>.
/// </summary>
internal abstract class Setting
{
    private protected Setting(string name, string description, string? byDefault, params string[] words)
    {
        Name = name;
        Option = new Option<string?>($"--{name}")
        {
            Description = $"{description} [${EnvironmentName}{(byDefault is null ? "" : $"; default: {byDefault}")}]",
            HelpName = words.Length > 0 ? string.Join('|', words) : name.Split('-')[^1],
        };
        Option.CompletionSources.Add(words);
    }

    /// <summary>As on the command line, without the dashes, and in the file.</summary>
    public string Name { get; }

    /// <summary>As in the environment.</summary>
    public string EnvironmentName => $"PODFENCE_{Name.ToUpperInvariant().Replace('-', '_')}";

    /// <summary>For the command line. Without a default of its own, so that an absent one can be told from one that was given.</summary>
    public Option<string?> Option { get; }
}

/// <summary>A setting of a type.</summary>
/// <param name="name">As on the command line, without the dashes.</param>
/// <param name="description">For the help.</param>
/// <param name="defaultText">What the help says of the default; null for none.</param>
/// <param name="byDefault">The default.</param>
/// <param name="read">Reads a value; a <see cref="FormatException"/> says what to write instead.</param>
/// <param name="words">The values that can be listed.</param>
internal sealed class Setting<T>(string name, string description, string? defaultText, T byDefault, Func<string, T> read, params string[] words)
    : Setting(name, description, defaultText, words)
{
    /// <summary>The default.</summary>
    public T Default { get; } = byDefault;

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">It is none; the message says what to write instead.</exception>
    public T Read(string text) => read(text);
}
