using Podfence.Dataplane.Nftables;

namespace Podfence.Dataplane.Tests;

/// <summary>Compares tables by content: their collections are in no order.</summary>
internal static class NftCompare
{
    /// <summary>Differences in words; empty when there are none.</summary>
    internal static IReadOnlyList<string> Differences(NftTable expected, NftTable actual)
    {
        var differences = new List<string>();
        Compare(expected.Chains, actual.Chains, "chain", (a, b) =>
            Normal(a) == Normal(b) ? null : $"{NftTextOf(Normal(a))}\nversus\n{NftTextOf(Normal(b))}"
        );
        Compare(expected.Sets, actual.Sets, "set", (a, b) =>
        {
            var (left, right) = (NftNormalForm.Of(a.Set), NftNormalForm.Of(b.Set));
            if (left != right)
            {
                return $"{left} versus {right}";
            }

            var missing = a.Elements.Select(NftNormalForm.Of).Except(b.Elements).ToList();
            var surplus = b.Elements.Except(a.Elements.Select(NftNormalForm.Of)).ToList();
            return missing.Count + surplus.Count == 0 && a.Elements.Count == b.Elements.Count
                ? null
                : $"missing {string.Join(", ", missing)}; surplus {string.Join(", ", surplus)}";
        });
        return differences;

        void Compare<T>(
            IReadOnlyDictionary<string, T> left,
            IReadOnlyDictionary<string, T> right,
            string kind,
            Func<T, T, string?> compare
        )
        {
            differences.AddRange(left.Keys.Except(right.Keys).Select(name => $"{kind} {name} is missing"));
            differences.AddRange(right.Keys.Except(left.Keys).Select(name => $"{kind} {name} is surplus"));
            foreach (var name in left.Keys.Intersect(right.Keys))
            {
                if (compare(left[name], right[name]) is { } difference)
                {
                    differences.Add($"{kind} {name}: {difference}");
                }
            }
        }
    }

    private static NftChain Normal(NftChain chain) => NftNormalForm.Of(chain);

    private static string NftTextOf(NftChain chain) =>
        $"{chain.Hook} {chain.Comment}\n{string.Join('\n', ((IEnumerable<NftRule>)chain.Rules).Select(NftText.Print))}";
}
