using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// A setting of a long-running verb, which a flag, an environment variable or a file may give: declared once, read by
/// <see cref="SettingSource"/>.
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

    /// <summary>The name in the file; the flag is this name with two dashes.</summary>
    public string Name { get; }

    /// <summary>The name of the environment variable.</summary>
    public string EnvironmentName => $"PODFENCE_{Name.ToUpperInvariant().Replace('-', '_')}";

    /// <summary>The flag. It has no default, so that an absent flag can be distinguished from a given one.</summary>
    public Option<string?> Option { get; }
}

/// <summary>A setting with a type.</summary>
/// <param name="name">The name of the flag, without dashes.</param>
/// <param name="description">The text for the help.</param>
/// <param name="defaultText">The default as the help shows it; null for none.</param>
/// <param name="byDefault">The default.</param>
/// <param name="read">Parses a value; the message of its <see cref="FormatException"/> names valid values.</param>
/// <param name="words">The valid values, if they can be listed.</param>
internal sealed class Setting<T>(
    string name,
    string description,
    string? defaultText,
    T byDefault,
    Func<string, T> read,
    params string[] words
) : Setting(name, description, defaultText, words)
{
    public T Default { get; } = byDefault;

    /// <exception cref="FormatException">The text is not valid; the message names valid values.</exception>
    public T Read(string text) => read(text);
}
