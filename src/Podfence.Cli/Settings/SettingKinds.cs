using System.Globalization;
using System.Net;

namespace Podfence.Cli;

/// <summary>Settings of the usual types.</summary>
internal static class SettingKinds
{
    /// <summary>Any text but an empty one.</summary>
    public static Setting<string?> Text(string name, string description, string? byDefault = null) =>
        new(name, description, byDefault, byDefault, static text => text.Length > 0 ? text : throw new FormatException("must not be empty"));

    /// <summary>One of the words of an enum, in lower case.</summary>
    public static Setting<T> Choice<T>(string name, string description, T byDefault)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().Select(static value => new Choice<T>(value).ToString()).ToArray();
        return new Setting<T>(name, description, new Choice<T>(byDefault).ToString(), byDefault, Read, words);

        T Read(string text)
        {
            var index = Array.FindIndex(words, word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase));
            return index >= 0 ? Enum.GetValues<T>()[index] : throw new FormatException($"write {string.Join(" or ", words)}");
        }
    }

    /// <summary>A time such as 500ms, 2s, 1m30s: as other programs of Kubernetes write it.</summary>
    public static Setting<TimeSpan> Time(string name, string description, TimeSpan byDefault, TimeSpan least, TimeSpan most) =>
        new(name, description, GoDuration.ToText(byDefault), byDefault, text =>
            GoDuration.TryParse(text, out var value) && value >= least && value <= most
                ? value
                : throw new FormatException($"write a time from {GoDuration.ToText(least)} to {GoDuration.ToText(most)}, such as {GoDuration.ToText(byDefault)}"));

    /// <summary>Where to listen: ADDRESS:PORT, :PORT for every address of both families, or 0 for nowhere.</summary>
    public static Setting<IPEndPoint?> Address(string name, string description, string byDefault) =>
        new(name, description, byDefault, ReadAddress(byDefault), ReadAddress);

    private static IPEndPoint? ReadAddress(string text)
    {
        if (text == "0")
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        return colon >= 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && (colon == 0 ? IPAddress.IPv6Any : IPAddress.TryParse(text.AsSpan(0, colon), out var parsed) ? parsed : null) is { } address
            ? new IPEndPoint(address, port)
            : throw new FormatException("write ADDRESS:PORT, :PORT for every address, or 0 for none");
    }
}
