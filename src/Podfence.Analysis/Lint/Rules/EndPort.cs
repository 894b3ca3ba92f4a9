namespace Podfence.Analysis;

/// <summary>Port ranges that are not ranges, or wider than intended.</summary>
internal sealed class EndPort() : LintRule("PF011", "end-port", LintSeverity.Warning)
{
    // Pairs of these are usually intended as two ports, not as the range between them.
    private static readonly int[] s_single = [22, 25, 53, 80, 443, 3306, 5432, 6379, 8080, 8443, 9090];

    public override string Summary =>
        "endPort makes a range of one port, of every port, or of what is probably a list of two.";

    public override string Why =>
        """
            `port` and `endPort` are the first and the last port of a range, and every port between them is open. Two ports
            are two items. A range whose two ends are both well-known ports is a warning; a range of a single port, or of
            all ports, can be written shorter, and is an info. The API server rejects an endPort below port (see `podfence
            validate`).
            """;

    public override string Fix => "write an item for each port: [{port: 80}, {port: 443}]";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            for (var i = 0; i < rule.Rule.Ports.Count; i++)
            {
                if (rule.Rule.Ports[i] is not { First: { } first, Last: { } last })
                {
                    continue;
                }

                var field = $"{rule.PortField(i)}.endPort";
                if (first == last && context.States(rule.Policy, field) == true)
                {
                    yield return At(
                        context,
                        rule.Policy,
                        field,
                        $"endPort equals port: the range is {first} only",
                        "leave endPort out",
                        LintSeverity.Info
                    );
                }
                else if (first == 1 && last == 65535)
                {
                    yield return At(
                        context,
                        rule.Policy,
                        field,
                        "the range is every port of the protocol",
                        "leave port and endPort out",
                        LintSeverity.Info
                    );
                }
                else if (first < last && s_single.Contains(first) && s_single.Contains(last))
                {
                    yield return At(
                        context,
                        rule.Policy,
                        field,
                        $"port {first} with endPort {last} opens {last - first + 1} ports, and both ends are "
                            + $"well-known ports",
                        $"if only these two are intended, write two items: {{port: {first}}} and {{port: {last}}}"
                    );
                }
            }
        }
    }
}
