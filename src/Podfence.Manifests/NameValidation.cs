using System.Buffers;
using System.Text;

namespace Podfence.Manifests;

/// <summary>
/// The API server's rules for names, labels and ports. Each returns the server's messages, one per problem
/// (apimachinery util/validation).
/// </summary>
internal static class NameValidation
{
    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainFormat = LabelFormat + "(\\." + LabelFormat + ")*";
    private const string QualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    private const string QualifiedMessage =
        "must consist of alphanumeric characters, '-', '_' or '.',"
        + " and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc',"
        + " regex used for validation is '"
        + QualifiedFormat
        + "')";

    private const string ValueMessage =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
        + " and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345',"
        + " regex used for validation is '("
        + QualifiedFormat
        + ")?')";

    private const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
        + " and must start and end with an alphanumeric character (e.g. 'example.com',"
        + " regex used for validation is '"
        + SubdomainFormat
        + "')";

    private const string LabelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
        + " and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
        + " regex used for validation is '"
        + LabelFormat
        + "')";

    private static readonly SearchValues<char> s_lowerAndHyphen = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789-"
    );
    private static readonly SearchValues<char> s_qualified = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    /// <summary>The message for a port number out of range.</summary>
    public const string PortNumberMessage = "must be between 1 and 65535, inclusive";

    /// <summary>The maximum length of an object's name.</summary>
    private const int MaxSubdomain = 253;

    /// <summary>The maximum length of a part of a name, label key or label value.</summary>
    private const int MaxLabel = 63;

    /// <summary>Whether the number is a valid port.</summary>
    public static bool IsPortNumber(int number) => number is >= 1 and <= 65535;

    /// <summary>DNS-1123 subdomain: names of pods, nodes and policies.</summary>
    public static List<string> Subdomain(string value)
    {
        var messages = TooLong(value, MaxSubdomain);
        if (!IsSubdomain(value))
        {
            messages.Add(SubdomainMessage);
        }

        return messages;
    }

    /// <summary>DNS-1123 label: names of namespaces.</summary>
    public static List<string> DnsLabel(string value)
    {
        var messages = TooLong(value, MaxLabel);
        if (!IsDnsLabel(value))
        {
            messages.Add(LabelMessage);
        }

        return messages;
    }

    /// <summary>Key of a label: a name, optionally after a DNS subdomain and a slash.</summary>
    public static List<string> LabelKey(string value)
    {
        var messages = new List<string>();
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            messages.Add(
                $"a qualified name {QualifiedMessage} with an optional DNS subdomain prefix and '/'"
                    + " (e.g. 'example.com/MyName')"
            );
            return messages;
        }

        if (parts.Length == 2)
        {
            var prefixMessages = parts[0].Length == 0 ? ["must be non-empty"] : Subdomain(parts[0]);
            messages.AddRange(prefixMessages.Select(static message => $"prefix part {message}"));
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            messages.Add("name part must be non-empty");
        }

        messages.AddRange(TooLong(name, MaxLabel).Select(static message => $"name part {message}"));
        if (!IsQualified(name))
        {
            messages.Add($"name part {QualifiedMessage}");
        }

        return messages;
    }

    /// <summary>Value of a label; may be empty.</summary>
    public static List<string> LabelValue(string value)
    {
        var messages = TooLong(value, MaxLabel);
        if (value.Length > 0 && !IsQualified(value))
        {
            messages.Add(ValueMessage);
        }

        return messages;
    }

    /// <summary>IANA service name: names of ports.</summary>
    public static List<string> PortName(string value)
    {
        var messages = TooLong(value, 15);
        if (value.Length == 0 || value.AsSpan().ContainsAnyExcept(s_lowerAndHyphen))
        {
            messages.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }

        if (!value.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            messages.Add("must contain at least one letter (a-z)");
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            messages.Add("must not contain consecutive hyphens");
        }

        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            messages.Add("must not begin or end with a hyphen");
        }

        return messages;
    }

    private static List<string> TooLong(string value, int limit) =>
        Encoding.UTF8.GetByteCount(value) > limit ? [$"must be no more than {limit} bytes"] : [];

    // Hand-written instead of the regular expressions above, because every label of every watched pod is checked here.
    private static bool IsSubdomain(ReadOnlySpan<char> text)
    {
        foreach (var part in text.Split('.'))
        {
            if (!IsDnsLabel(text[part]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDnsLabel(ReadOnlySpan<char> text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' && !text.ContainsAnyExcept(s_lowerAndHyphen);

    private static bool IsQualified(ReadOnlySpan<char> text) =>
        text.Length > 0
        && char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1])
        && !text.ContainsAnyExcept(s_qualified);
}
