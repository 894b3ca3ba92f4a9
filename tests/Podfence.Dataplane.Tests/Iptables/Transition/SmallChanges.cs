using Podfence.Compilation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// What changes of one or a few objects do to a ruleset: an address enters or leaves sets, and is attached to other
/// fences.
/// </summary>
internal static class SmallChanges
{
    public static Ruleset Make(Ruleset ruleset, Random random, int changes)
    {
        var sets = ruleset.Sets.ToDictionary(static set => set.Key, static set => set.Value.ToHashSet());
        var endpoints = ruleset.Endpoints.ToDictionary();
        var known = ruleset.KnownPodIps.ToHashSet();
        for (var i = 0; i < changes; i++)
        {
            var address = RandomRulesets.Address(random.Next(3) == 0 ? IpFamily.IPv6 : IpFamily.IPv4, random.Next(10));
            foreach (var (id, elements) in sets)
            {
                if (id.Kind != SetKind.Ranges && id.Family == address.Family && random.Next(2) == 0)
                {
                    var element =
                        id.Kind == SetKind.Addresses
                            ? SetElement.Of(address)
                            : SetElement.Of(address, Protocol.Tcp, random.Next(10));
                    if (!elements.Remove(element))
                    {
                        elements.Add(element);
                    }
                }
            }

            if (random.Next(3) != 0)
            {
                var (ingress, egress) = (
                    Pick(ruleset, random, Direction.Ingress, address.Family),
                    Pick(ruleset, random, Direction.Egress, address.Family)
                );
                endpoints.Remove(address);
                known.Remove(address);
                if (ingress is not null || egress is not null)
                {
                    known.Add(address);
                    endpoints[address] = new FencedEndpoint(
                        new PodKey("default", $"pod{random.Next(3)}"),
                        ingress,
                        egress
                    );
                }
            }
        }

        return ruleset with
        {
            Sets = sets.ToDictionary(static set => set.Key, static set => (IEnumerable<SetElement>)set.Value),
            Endpoints = endpoints,
            KnownPodIps = [.. known.Where(address => ruleset.PodRanges.Any(range => range.Contains(address)))],
        };
    }

    private static string? Pick(Ruleset ruleset, Random random, Direction direction, IpFamily family)
    {
        var names = ruleset
            .Fences.Values.Where(fence => fence.Direction == direction && fence.Family == family)
            .Select(static fence => fence.Name)
            .ToList();
        var choice = random.Next(names.Count + 1);
        return choice == names.Count ? null : names[choice];
    }
}
