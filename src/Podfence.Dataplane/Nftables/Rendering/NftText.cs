using System.Globalization;
using System.Text;
using Podfence.Model;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Prints tables and transactions in nft's language: <c>nft -f</c> loads it, and <c>nft list table inet podfence</c>
/// prints almost the same.
/// </summary>
public static class NftText
{
    /// <summary>The table.</summary>
    private const string Table = "inet podfence";

    private const int ElementsOnOneLine = 3;

    /// <summary>
    /// Deletes an existing table, if any, ahead of the table that is printed after it: all of it is one transaction.
    /// </summary>
    public const string DeleteTableFirst = $"add table {Table}\ndelete table {Table}\n";

    /// <summary>Prints a whole table; sets and chains in the order of their names, base chains first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="notes">
    /// Comment lines before an <see cref="NftSet"/>, <see cref="NftElement"/>, <see cref="NftChain"/> or
    /// <see cref="NftRule"/>; none by default.
    /// </param>
    public static string Print(NftTable table, Func<object, IEnumerable<string>>? notes = null)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"table {Table} {{\n");
        var separator = "";
        foreach (var (_, content) in table.Sets.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(separator);
            Append(text, content, notes);
            separator = "\n";
        }

        foreach (
            var chain in table
                .Chains.Values.OrderBy(chain => chain.Hook is null)
                .ThenBy(chain => chain.Name, StringComparer.Ordinal)
        )
        {
            text.Append(separator);
            Append(text, chain, notes);
            separator = "\n";
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>Prints a transaction, one command per operation or, for rules, per rule.</summary>
    public static string Print(IEnumerable<NftOperation> operations)
    {
        var text = new StringBuilder();
        foreach (var operation in operations)
        {
            Append(text, operation);
        }

        return text.ToString();
    }

    /// <summary>Prints a rule as in a chain.</summary>
    public static string Print(NftRule rule)
    {
        var text = new StringBuilder();
        foreach (var statement in rule.Statements)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(NftStatementText.Of(statement));
        }

        return text.Append(Comment(rule.Comment)).ToString();
    }

    private static void Append(StringBuilder text, NftOperation operation)
    {
        switch (operation)
        {
            case AddTable:
                text.Append(CultureInfo.InvariantCulture, $"add table {Table}\n");
                break;
            case DeleteTable:
                text.Append(CultureInfo.InvariantCulture, $"delete table {Table}\n");
                break;
            case AddSet { Set: var set }:
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"add {Kind(set)} {Table} {set.Name} {{ {string.Join("; ", Properties(set))}; }}\n"
                );
                break;
            case DeleteSet { Name: var name }:
                text.Append(CultureInfo.InvariantCulture, $"delete set {Table} {name}\n");
                break;
            case AddElements { Elements.Count: > 0 } add:
                text.Append(CultureInfo.InvariantCulture, $"add element {Table} {add.Set.Name} ");
                Append(text, add.Set, add.Elements, "\t", keysOnly: false);
                break;
            case DeleteElements { Elements.Count: > 0 } delete:
                text.Append(CultureInfo.InvariantCulture, $"delete element {Table} {delete.Set.Name} ");
                Append(text, delete.Set, delete.Elements, "\t", keysOnly: true);
                break;
            case AddChain { Chain: var chain }:
                var properties = Properties(chain);
                var block = properties.Count == 0 ? "" : $" {{ {string.Join("; ", properties)}; }}";
                text.Append(CultureInfo.InvariantCulture, $"add chain {Table} {chain.Name}{block}\n");
                break;
            case FlushChain { Name: var name }:
                text.Append(CultureInfo.InvariantCulture, $"flush chain {Table} {name}\n");
                break;
            case DeleteChain { Name: var name }:
                text.Append(CultureInfo.InvariantCulture, $"delete chain {Table} {name}\n");
                break;
            case AddRules add:
                foreach (var rule in add.Rules)
                {
                    text.Append(CultureInfo.InvariantCulture, $"add rule {Table} {add.Chain} {Print(rule)}\n");
                }

                break;
        }
    }

    private static void Append(StringBuilder text, NftSetContent content, Func<object, IEnumerable<string>>? notes)
    {
        Append(text, "\t", notes?.Invoke(content.Set));
        text.Append(CultureInfo.InvariantCulture, $"\t{Kind(content.Set)} {content.Set.Name} {{\n");
        foreach (var property in Properties(content.Set))
        {
            text.Append(CultureInfo.InvariantCulture, $"\t\t{property}\n");
        }

        if (content.Elements.Count > 0)
        {
            text.Append("\t\telements = ");
            var sorted = content.Elements.OrderBy(element => element.Key).ThenBy(element => element.Ports).ToList();
            Append(text, content.Set, sorted, "\t\t\t", keysOnly: false, notes);
        }

        text.Append("\t}\n");
    }

    private static void Append(StringBuilder text, NftChain chain, Func<object, IEnumerable<string>>? notes)
    {
        Append(text, "\t", notes?.Invoke(chain));
        text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{\n");
        foreach (var property in Properties(chain))
        {
            text.Append(CultureInfo.InvariantCulture, $"\t\t{property};\n");
        }

        foreach (var rule in chain.Rules)
        {
            Append(text, "\t\t", notes?.Invoke(rule));
            text.Append(CultureInfo.InvariantCulture, $"\t\t{Print(rule)}\n");
        }

        text.Append("\t}\n");
    }

    private static void Append(StringBuilder text, string indent, IEnumerable<string>? notes)
    {
        foreach (var note in notes ?? [])
        {
            text.Append(CultureInfo.InvariantCulture, $"{indent}{CommentLine.Of(note)}\n");
        }
    }

    /// <summary>A few elements on one line, more on a line each.</summary>
    private static void Append(
        StringBuilder text,
        NftSet set,
        IReadOnlyCollection<NftElement> elements,
        string indent,
        bool keysOnly,
        Func<object, IEnumerable<string>>? notes = null
    )
    {
        var wide = notes is not null || elements.Count > ElementsOnOneLine;
        var (open, between, close) = wide
            ? ($"{{\n{indent}", $",\n{indent}", $"\n{indent[..^1]}}}\n")
            : ("{ ", ", ", " }\n");
        var separator = open;
        foreach (var element in elements)
        {
            text.Append(separator);
            foreach (var note in notes?.Invoke(element) ?? [])
            {
                text.Append(CultureInfo.InvariantCulture, $"{CommentLine.Of(note)}\n{indent}");
            }

            text.Append(Key(set, element));
            if (!keysOnly)
            {
                text.Append(Comment(element.Comment));
                if (element.Verdict is { } verdict)
                {
                    text.Append(CultureInfo.InvariantCulture, $" : {verdict}");
                }
            }

            separator = between;
        }

        text.Append(close);
    }

    private static string Kind(NftSet set) => set.HasVerdicts ? "map" : "set";

    private static List<string> Properties(NftSet set)
    {
        List<string> properties = [$"type {Type(set)}"];
        if (set.Key is NftKey.AddressRange or NftKey.PortRange)
        {
            properties.Add("flags interval");
        }

        if (NftComment.Cut(set.Comment) is { } comment)
        {
            properties.Add($"comment \"{comment}\"");
        }

        return properties;
    }

    private static List<string> Properties(NftChain chain)
    {
        List<string> properties = [];
        if (chain.Hook is { } hook)
        {
            var point = hook.Point.ToString().ToLowerInvariant();
            properties.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"type filter hook {point} priority {hook.Priority}; policy accept"
                )
            );
        }

        if (NftComment.Cut(chain.Comment) is { } comment)
        {
            properties.Add($"comment \"{comment}\"");
        }

        return properties;
    }

    /// <summary>The type of a set's keys, and of a map's values: <c>ipv4_addr : verdict</c>.</summary>
    public static string Type(NftSet set)
    {
        var address = set.Family == Model.IpFamily.IPv6 ? "ipv6_addr" : "ipv4_addr";
        var type = set.Key switch
        {
            NftKey.Address or NftKey.AddressRange => address,
            NftKey.AddressPair => $"{address} . {address}",
            NftKey.Endpoint => $"{address} . inet_proto . inet_service",
            _ => "inet_service . inet_proto",
        };
        return set.HasVerdicts ? $"{type} : verdict" : type;
    }

    /// <summary>An element's key.</summary>
    public static string Key(NftSet set, NftElement element) =>
        set.Key switch
        {
            NftKey.Address => element.Key.First.ToString(),
            NftKey.AddressRange => NftStatementText.Of(new Model.IpRange(element.Key.First, element.Key.Last)),
            NftKey.AddressPair => $"{element.Key.First} . {element.Key.Last}",
            NftKey.Endpoint => string.Create(
                CultureInfo.InvariantCulture,
                $"{element.Key.First} . {NftStatementText.Of(element.Key.Protocol)} . {element.Key.Port}"
            ),
            _ => $"{NftStatementText.Ports(element.Ports)} . {NftStatementText.Of(element.Ports.Protocol)}",
        };

    private static string Comment(string? comment) => NftComment.Cut(comment) is { } cut ? $" comment \"{cut}\"" : "";
}
