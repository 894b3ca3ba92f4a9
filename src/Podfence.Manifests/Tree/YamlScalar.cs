using System.Globalization;
using System.Text.RegularExpressions;

namespace Podfence.Manifests;

/// <summary>
/// Determines the type of plain scalars as the API server's YAML reader (sigs.k8s.io/yaml) does, which is YAML 1.1:
/// <c>yes</c>, <c>on</c> and <c>y</c> are booleans, <c>0x50</c> and <c>0o120</c> are numbers, dates are strings.
/// </summary>
internal static partial class YamlScalar
{
    /// <summary>The type of an unquoted scalar.</summary>
    public static ScalarKind KindOf(string text) =>
        text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
            "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Bool,
            "y" or "Y" or "yes" or "Yes" or "YES" or "n" or "N" or "no" or "No" or "NO" => ScalarKind.Bool,
            "on" or "On" or "ON" or "off" or "Off" or "OFF" => ScalarKind.Bool,
            _ => NumberKindOf(text),
        };

    /// <summary>The value of a boolean.</summary>
    public static bool IsTrue(string text) =>
        text is "true" or "True" or "TRUE" or "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON";

    /// <summary>The value of an integer, in any base of YAML 1.1 or 1.2; false if it does not fit.</summary>
    public static bool TryInteger(string text, out long value)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var negative = plain.StartsWith('-');
        var digits = plain.AsSpan(negative || plain.StartsWith('+') ? 1 : 0);
        var (numberBase, skip) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] when !digits.ContainsAnyInRange('8', '9') => (8, 1),
            _ => (10, 0),
        };
        value = 0;
        foreach (var digit in digits[skip..])
        {
            var amount = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
            if (amount < 0 || amount >= numberBase || value > (long.MaxValue - amount) / numberBase)
            {
                return false;
            }

            value = (value * numberBase) + amount;
        }

        value = negative ? -value : value;
        return digits.Length > skip;
    }

    private static ScalarKind NumberKindOf(string text)
    {
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
        {
            return ScalarKind.String;
        }

        return IntegerForm().IsMatch(text) ? ScalarKind.Integer
            : FloatForm().IsMatch(text) ? ScalarKind.Float
            : ScalarKind.String;
    }

    [GeneratedRegex(
        @"^[-+]?(0|[1-9][0-9_]*|0[0-7_]+|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex IntegerForm();

    [GeneratedRegex(
        @"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex FloatForm();
}
