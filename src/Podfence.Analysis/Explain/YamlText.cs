using System.Text;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Writes parts of a policy as YAML in one line, to be pasted.</summary>
internal static class YamlText
{
    // What YAML 1.1 reads as a boolean or null although it looks like a word.
    private static readonly string[] s_words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

    public static string Rule(Direction direction, PolicyRule rule)
    {
        var parts = new List<string>();
        if (!rule.Peers.IsEmpty)
        {
            parts.Add(
                $"{(direction == Direction.Ingress ? "from" : "to")}: [{string.Join(", ", rule.Peers.Select(Peer))}]"
            );
        }

        if (!rule.Ports.IsEmpty)
        {
            parts.Add($"ports: [{string.Join(", ", rule.Ports.Select(Port))}]");
        }

        return $"{{{string.Join(", ", parts)}}}";
    }

    public static string Peer(PolicyPeer peer) =>
        peer switch
        {
            IpBlockPeer { Except.IsEmpty: true } block => $"{{ipBlock: {{cidr: {Scalar(block.Cidr.ToString())}}}}}",
            IpBlockPeer block => $"{{ipBlock: {{cidr: {Scalar(block.Cidr.ToString())}, except: "
                + $"[{string.Join(", ", block.Except.Select(static hole => Scalar(hole.ToString())))}]}}}}",
            SelectorPeer { Namespaces: null, Pods: { } pods } => $"{{podSelector: {Selector(pods)}}}",
            SelectorPeer { Namespaces: { } namespaces, Pods: null } => $"{{namespaceSelector: {Selector(namespaces)}}}",
            SelectorPeer { Namespaces: { } namespaces, Pods: { } pods } =>
                $"{{namespaceSelector: {Selector(namespaces)}, podSelector: {Selector(pods)}}}",
            _ => "{}",
        };

    public static string Port(PolicyPort port)
    {
        var text = new StringBuilder($"{{protocol: {port.Protocol.ToString().ToUpperInvariant()}");
        if (port.Name is not null)
        {
            text.Append($", port: {Scalar(port.Name)}");
        }
        else if (port.First is { } first)
        {
            text.Append($", port: {first}{(port.Last is { } last && last != first ? $", endPort: {last}" : "")}");
        }

        return text.Append('}').ToString();
    }

    /// <summary>Text as a scalar that is text to every reader of YAML.</summary>
    public static string Scalar(string text)
    {
        var isPlain =
            text.Length > 0
            && char.IsAsciiLetter(text[0])
            && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/')
            && !s_words.Contains(text, StringComparer.OrdinalIgnoreCase);
        // A block or address of IPv4 has two dots or more, which no number has.
        var isAddress =
            text.Count(static c => c == '.') > 1 && text.All(static c => char.IsAsciiDigit(c) || c is '.' or '/');
        return isPlain || isAddress
            ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    public static string Selector(LabelSelector selector)
    {
        var labels = selector
            .Requirements.Where(static item => item is { Operator: LabelOperator.In, Values.Count: 1 })
            .ToList();
        var rest = selector.Requirements.Where(item => !labels.Contains(item)).ToList();
        // matchLabels can have a key once.
        if (labels.DistinctBy(static item => item.Key).Count() < labels.Count)
        {
            (labels, rest) = ([], [.. selector.Requirements]);
        }

        var parts = new List<string>();
        if (labels.Count > 0)
        {
            parts.Add(
                $"matchLabels: "
                    + $"{{{string.Join(", ", labels.Select(static item => $"{Scalar(item.Key)}: {Scalar(item.Values[0])}"))}}}"
            );
        }

        if (rest.Count > 0)
        {
            parts.Add($"matchExpressions: [{string.Join(", ", rest.Select(Expression))}]");
        }

        return $"{{{string.Join(", ", parts)}}}";
    }

    private static string Expression(LabelRequirement item)
    {
        var values = item.Values.IsEmpty ? "" : $", values: [{string.Join(", ", item.Values.Select(Scalar))}]";
        return $"{{key: {Scalar(item.Key)}, operator: {item.Operator}{values}}}";
    }
}
