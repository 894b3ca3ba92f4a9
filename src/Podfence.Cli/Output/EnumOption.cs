using System.CommandLine;
using System.Text;

namespace Podfence.Cli;

/// <summary>
/// An enum value that is written and parsed as a lower-case word. The parser's own enum options accept any number and
/// name .NET types in their errors.
/// </summary>
/// <typeparam name="T">The enum.</typeparam>
/// <param name="Value">The value.</param>
internal readonly record struct EnumWord<T>(T Value)
    where T : struct, Enum
{
    public static implicit operator T(EnumWord<T> word) => word.Value;

    /// <summary>The value in kebab case.</summary>
    public override string ToString()
    {
        var name = Value.ToString();
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins = i > 0 && char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterLower(name[i - 1]);
            text.Append(begins ? "-" : "").Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}

/// <summary>Options that take a word of an enum.</summary>
internal static class EnumOption
{
    /// <summary>An option for all values of the type, with a default.</summary>
    public static Option<EnumWord<T>> Create<T>(string name, string description, T byDefault, params string[] aliases)
        where T : struct, Enum => Create(name, description, byDefault, Enum.GetValues<T>(), aliases);

    /// <summary>An option for some values of the type, with a default.</summary>
    public static Option<EnumWord<T>> Create<T>(
        string name,
        string description,
        T byDefault,
        T[] values,
        params string[] aliases
    )
        where T : struct, Enum
    {
        var option = new Option<EnumWord<T>>(name, aliases) { DefaultValueFactory = _ => new(byDefault) };
        option.CustomParser = result => Read(result, name, values) is { } value ? new EnumWord<T>(value) : default;
        return Describe(option, description, values);
    }

    /// <summary>An option for all values of the type, without a default.</summary>
    public static Option<EnumWord<T>?> CreateOptional<T>(string name, string description)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        var option = new Option<EnumWord<T>?>(name)
        {
            CustomParser = result => Read(result, name, values) is { } value ? new EnumWord<T>(value) : null,
        };
        return Describe(option, description, values);
    }

    private static TOption Describe<TOption, T>(TOption option, string description, T[] values)
        where TOption : Option
        where T : struct, Enum
    {
        var words = Words(values);
        option.Description = description;
        option.HelpName = string.Join('|', words);
        option.CompletionSources.Add(words);
        return option;
    }

    private static T? Read<T>(System.CommandLine.Parsing.ArgumentResult result, string name, T[] values)
        where T : struct, Enum
    {
        var text = result.Tokens[0].Value;
        var words = Words(values);
        var index = Array.FindIndex(words, word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            return values[index];
        }

        result.AddError($"{name} {text}: write {string.Join(" or ", words)}");
        return null;
    }

    private static string[] Words<T>(T[] values)
        where T : struct, Enum => [.. values.Select(static value => new EnumWord<T>(value).ToString())];
}
