using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Reads what <c>from</c> and <c>to</c> of an expectation say; commands take the same form.</summary>
public static class EndPatternText
{
    internal const string NodePrefix = "node:";

    private const string Forms = "write NAMESPACE/POD or NAMESPACE/KIND/NAME (globs allowed), node:NAME or an address";

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The pattern, or null.</param>
    /// <param name="fault">The problem and the remedy, or null.</param>
    public static bool TryParse(string text, out EndPattern? pattern, out string? fault)
    {
        (pattern, fault) = Parse(text);
        return pattern is not null;
    }

    private static (EndPattern? Pattern, string? Fault) ParseWorkload(string @namespace, string word, string name)
    {
        if (
            string.Equals(word, "pod", StringComparison.OrdinalIgnoreCase)
            || string.Equals(word, "pods", StringComparison.OrdinalIgnoreCase)
        )
        {
            return (new PodPattern(@namespace, name), null);
        }

        // Kinds of operators are accepted as written: pods name their controller.
        var kind = WorkloadKinds.Find(word) ?? (char.IsAsciiLetterUpper(word[0]) ? word : null);
        return kind is null
            ? (
                null,
                $"\"{word}\" is not a kind of workload: write deployment, statefulset, daemonset, replicaset, job "
                    + $"or cronjob"
            )
            : (new WorkloadPattern(@namespace, kind, name), null);
    }

    private static (EndPattern? Pattern, string? Fault) Parse(string text)
    {
        if (text.StartsWith(NodePrefix, StringComparison.Ordinal))
        {
            var name = text[NodePrefix.Length..];
            return NameValidation.Subdomain(name).Count == 0
                ? (new NodePattern(name), null)
                : (null, "not a valid node name; globs are for pods");
        }

        if (IpText.TryParse(text, out IpAddress address, out var faults))
        {
            return faults == IpTextIssues.None ? (new AddressPattern(address), null) : (null, $"write {address}");
        }

        if (IpText.TryParse(text, out Cidr cidr, out _))
        {
            return (null, $"a block is not a single endpoint: write one of its addresses, such as {cidr.Network}");
        }

        return text.Split('/') switch
        {
            [{ Length: > 0 } @namespace, { Length: > 0 } pod] => (new PodPattern(@namespace, pod), null),
            [{ Length: > 0 } @namespace, { Length: > 0 } kind, { Length: > 0 } name] => ParseWorkload(
                @namespace,
                kind,
                name
            ),
            _ => (null, Forms),
        };
    }
}
