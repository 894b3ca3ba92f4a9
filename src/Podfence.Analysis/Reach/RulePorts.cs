using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>The ports of a rule as a set; names are read on the destination (semantics.md S5.4).</summary>
internal static class RulePorts
{
    public static PortSet Of(PolicyRule rule, Pod? destination) =>
        rule.Ports.IsEmpty ? PortSet.All : PortSet.Union([.. rule.Ports.SelectMany(port => Of(port, destination))]);

    private static IEnumerable<PortSet> Of(PolicyPort port, Pod? destination) =>
        port switch
        {
            { Name: { } name } => destination
                ?.Ports.Where(declared => declared.Name == name && declared.Protocol == port.Protocol)
                .Select(static declared => PortSet.Of(declared.Protocol, declared.Number, declared.Number))
                ?? [],
            { First: { } first } => [PortSet.Of(port.Protocol, first, port.Last ?? first)],
            _ => [PortSet.Of(port.Protocol)],
        };
}
