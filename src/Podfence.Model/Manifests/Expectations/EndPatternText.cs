namespace Podfence.Model;

/// <summary>Reads what <c>from</c> and <c>to</c> of an expectation say; commands take the same form.</summary>
public static class EndPatternText
{
    internal const string NodePrefix = "node:";

    private const string Forms = "write NAMESPACE/POD (globs allowed), node:NAME or an address";

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The pattern, or null.</param>
    /// <param name="fault">What is wrong and what to write instead, or null.</param>
    public static bool TryParse(string text, out EndPattern? pattern, out string? fault)
    {
        (pattern, fault) = Parse(text);
        return pattern is not null;
    }

    private static (EndPattern? Pattern, string? Fault) Parse(string text)
    {
        if (text.StartsWith(NodePrefix, StringComparison.Ordinal))
        {
            var name = text[NodePrefix.Length..];
            return NameRules.Subdomain(name).Count == 0 ? (new NodePattern(name), null) : (null, "no node can have this name; globs are for pods");
        }

        if (IpText.TryParse(text, out IpAddress address, out var faults))
        {
            return faults == IpTextFaults.None ? (new AddressPattern(address), null) : (null, $"write {address}");
        }

        if (IpText.TryParse(text, out Cidr cidr, out _))
        {
            return (null, $"a block is not one end: write an address of it, such as {cidr.Network}");
        }

        var parts = text.Split('/');
        return parts is [{ Length: > 0 } @namespace, { Length: > 0 } pod] ? (new PodPattern(@namespace, pod), null) : (null, Forms);
    }
}
