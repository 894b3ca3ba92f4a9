using System.CommandLine;
using System.Text;

namespace Podfence.Cli;

/// <summary>One of a few words, written in lower case. The parser's own enums take any number for a value and speak of types when they refuse one.</summary>
/// <typeparam name="T">What the words stand for.</typeparam>
/// <param name="Value">What this one stands for.</param>
internal readonly record struct Choice<T>(T Value)
    where T : struct, Enum
{
    public static implicit operator T(Choice<T> choice) => choice.Value;

    /// <summary>The word; two are joined by a hyphen.</summary>
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

/// <summary>Options that take one of a few words.</summary>
internal static class ChoiceOption
{
    /// <summary>An option for all values of the type, with a default.</summary>
    public static Option<Choice<T>> Create<T>(string name, string description, T byDefault, params string[] aliases)
        where T : struct, Enum => Create(name, description, byDefault, Enum.GetValues<T>(), aliases);

    /// <summary>An option for some values of the type, with a default.</summary>
    public static Option<Choice<T>> Create<T>(string name, string description, T byDefault, T[] values, params string[] aliases)
        where T : struct, Enum
    {
        var option = new Option<Choice<T>>(name, aliases) { DefaultValueFactory = _ => new(byDefault) };
        option.CustomParser = result => Read(result, name, values) is { } value ? new Choice<T>(value) : default;
        return Describe(option, description, values);
    }

    /// <summary>An option for all values of the type that may be left out.</summary>
    public static Option<Choice<T>?> CreateOptional<T>(string name, string description)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        var option = new Option<Choice<T>?>(name) { CustomParser = result => Read(result, name, values) is { } value ? new Choice<T>(value) : null };
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
        where T : struct, Enum => [.. values.Select(static value => new Choice<T>(value).ToString())];
}
