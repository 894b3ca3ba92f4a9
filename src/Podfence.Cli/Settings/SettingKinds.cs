using System.Globalization;
using System.Net;

namespace Podfence.Cli;

/// <summary>Creates settings of common types.</summary>
internal static class SettingKinds
{
    /// <summary>A non-empty text.</summary>
    public static Setting<string?> Text(string name, string description, string? byDefault = null) =>
        new(name, description, byDefault, byDefault, static text =>
            text.Length > 0 ? text : throw new FormatException("must not be empty")
        );

    /// <summary>A word of an enum.</summary>
    public static Setting<T> OneOf<T>(string name, string description, T byDefault)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().Select(static value => new EnumWord<T>(value).ToString()).ToArray();
        return new Setting<T>(name, description, new EnumWord<T>(byDefault).ToString(), byDefault, Read, words);

        T Read(string text)
        {
            var index = Array.FindIndex(words, word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase));
            return index >= 0
                ? Enum.GetValues<T>()[index]
                : throw new FormatException($"write {string.Join(" or ", words)}");
        }
    }

    /// <summary>A duration in the format of Go, as in Kubernetes.</summary>
    public static Setting<TimeSpan> Time(
        string name,
        string description,
        TimeSpan byDefault,
        TimeSpan min,
        TimeSpan max
    ) =>
        new(name, description, GoDuration.ToText(byDefault), byDefault, text =>
            GoDuration.TryParse(text, out var value) && value >= min && value <= max
                ? value
                : throw new FormatException(
                    $"write a time from {GoDuration.ToText(min)} to {GoDuration.ToText(max)}, such as "
                        + $"{GoDuration.ToText(byDefault)}"
                )
        );

    /// <summary>
    /// An address to listen on: ADDRESS:PORT, :PORT for every address of both families, or 0 for none.
    /// </summary>
    public static Setting<IPEndPoint?> Address(string name, string description, string byDefault) =>
        new(name, description, byDefault, ReadAddress(byDefault), ReadAddress);

    private static IPEndPoint? ReadAddress(string text)
    {
        if (text == "0")
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        return
            colon >= 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && (
                colon == 0 ? IPAddress.IPv6Any
                : IPAddress.TryParse(text.AsSpan(0, colon), out var parsed) ? parsed
                : null
            )
                is { } address
            ? new IPEndPoint(address, port)
            : throw new FormatException("write ADDRESS:PORT, :PORT for every address, or 0 for none");
    }
}
