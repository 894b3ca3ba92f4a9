using System.Net;
using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>Parses the output of iptables-save and ipset save: only Podfence's part; the rest is skipped.</summary>
public static class SaveParser
{
    private const string Comment = "--comment ";

    /// <summary>Sizes and limits in the header of <c>ipset save</c> are not compared.</summary>
    private static readonly HashSet<string> s_sizes = ["hashsize", "maxelem", "bucketsize", "initval"];

    /// <summary>Parses the output of iptables-save -t filter.</summary>
    public static TableSnapshot ReadTable(string output)
    {
        var chains = new Dictionary<string, IReadOnlyList<string>>();
        var positions = new Dictionary<string, int>();
        var jumps = new List<FoundJump>();
        foreach (var line in output.AsSpan().EnumerateLines())
        {
            if (line.StartsWith($":{IptNames.Prefix}"))
            {
                chains.TryAdd(line[1..line.IndexOf(' ')].ToString(), new List<string>());
            }
            else if (line.StartsWith("-A "))
            {
                var end = 3 + line[3..].IndexOf(' ');
                var chain = end < 3 ? line[3..] : line[3..end];
                var rule = end < 3 ? [] : line[(end + 1)..];
                if (chain.StartsWith(IptNames.Prefix))
                {
                    ((List<string>)chains[chain.ToString()]).Add(Normal(rule));
                    continue;
                }

                var hook = chain.ToString();
                positions[hook] = positions.GetValueOrDefault(hook) + 1;
                if (LeadsToOurs(rule))
                {
                    jumps.Add(new FoundJump(hook, positions[hook], Normal(rule)));
                }
            }
        }

        return new TableSnapshot(chains, jumps);
    }

    /// <summary>Parses the output of ipset save.</summary>
    public static Dictionary<string, SetSnapshot> ReadSets(string output)
    {
        var sets = new Dictionary<string, SetSnapshot>();
        string? name = null;
        Dictionary<string, IptElement> elements = [];
        foreach (var line in output.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("create "))
            {
                var words = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
                name = words[1];
                if (IptNames.IsOurs(name))
                {
                    sets[name] = new SetSnapshot(Header(words.AsSpan(2)), elements = []);
                }
            }
            else if (name is not null && IptNames.IsOurs(name) && line.StartsWith($"add {name} "))
            {
                var element = Element(line[(5 + name.Length)..]);
                elements[element.Key] = element;
            }
        }

        return sets;
    }

    // A jump to a chain has no options, so the chain is the last word; a comment may contain anything.
    private static bool LeadsToOurs(ReadOnlySpan<char> rule)
    {
        var last = rule.LastIndexOf(' ');
        return last >= 2 && rule[..last] is [.., '-', 'j' or 'g'] && rule[(last + 1)..].StartsWith(IptNames.Prefix);
    }

    /// <summary>A comment of one word is printed without quotes.</summary>
    private static string Normal(ReadOnlySpan<char> rule)
    {
        var at = rule.IndexOf(Comment);
        if (at < 0 || at + Comment.Length >= rule.Length || rule[at + Comment.Length] == '"')
        {
            return rule.ToString();
        }

        var start = at + Comment.Length;
        var length = rule[start..].IndexOf(' ');
        var end = length < 0 ? rule.Length : start + length;
        return $"{rule[..start]}\"{rule[start..end]}\"{rule[end..]}";
    }

    private static string Header(ReadOnlySpan<string> words)
    {
        var kept = new List<string>();
        for (var i = 0; i < words.Length; i++)
        {
            if (s_sizes.Contains(words[i]))
            {
                i++;
            }
            else
            {
                kept.Add(words[i]);
            }
        }

        return string.Join(' ', kept);
    }

    private static IptElement Element(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        var key = Key(end < 0 ? text : text[..end]);
        var quote = text.IndexOf('"');
        return new IptElement(key, quote < 0 ? null : text[(quote + 1)..text.LastIndexOf('"')].ToString());
    }

    // Some IPv6 addresses are written with their last half in dots, by ipset and by Podfence: not always the same ones.
    // They all begin with two colons.
    private static string Key(ReadOnlySpan<char> key)
    {
        if (!key.StartsWith("::"))
        {
            return key.ToString();
        }

        var end = key.IndexOfAny('/', ',');
        var address = end < 0 ? key : key[..end];
        return IPAddress.TryParse(address, out var parsed)
            ? $"{IpAddress.FromBytes(parsed.GetAddressBytes())}{(end < 0 ? "" : key[end..])}"
            : key.ToString();
    }
}
