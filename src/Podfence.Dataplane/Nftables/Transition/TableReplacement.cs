namespace Podfence.Dataplane.Nftables;

/// <summary>Takes the kernel from the table that it has, maybe none, to the table it should have.</summary>
public static class TableReplacement
{
    /// <summary>
    /// The transaction that replaces the whole table. The table is added first because deleting a missing one is an
    /// error. Base chains are replaced too, which lets a packet through that is between the old and the new ones: so
    /// prefer <see cref="Between"/>.
    /// </summary>
    public static IReadOnlyList<NftOperation> Whole(NftTable table)
    {
        var operations = new List<NftOperation> { new AddTable(), new DeleteTable(), new AddTable() };
        TableTransition.AppendNew(operations, [.. table.Sets.Values], [.. table.Chains.Values]);
        return operations;
    }

    /// <summary>
    /// The change from one table to another, without touching what is the same. Null where the kernel has no such
    /// change: a base chain at another hook or with foreign statements, a set of another type, or one with an element
    /// that cannot be named.
    /// </summary>
    /// <param name="actual">The table in the kernel, maybe of an earlier process or changed by another program.</param>
    /// <param name="expected">The table that should be there.</param>
    public static NftChange? Between(NftTable actual, NftTable expected)
    {
        var transition = new TableTransition();
        foreach (var (name, content) in expected.Sets)
        {
            var found = actual.Sets.GetValueOrDefault(name);
            if (found is not null && !CanChange(found, content.Set))
            {
                return null;
            }

            transition.Set(found, content);
        }

        foreach (var (name, content) in actual.Sets)
        {
            if (!expected.Sets.ContainsKey(name))
            {
                transition.Set(content, null);
            }
        }

        if (!expected.Chains.Values.All(chain => MayStay(chain, actual)))
        {
            return null;
        }

        transition.Chains(actual.Chains.Values, expected.Chains.Values);
        return transition.ToChange();
    }

    private static bool CanChange(NftSetContent found, NftSet expected) =>
        TableDiff.SameType(found.Set, expected) && !found.Elements.Any(static element => element.IsForeign);

    // The base chains must stay in place. A missing one would have to be prepared before there is anything to jump to;
    // it is as bad as another hook. A foreign statement in one may represent more than a rule: a dormant table is read
    // as one, and only deleting the table helps against that.
    private static bool MayStay(NftChain expected, NftTable actual)
    {
        if (!actual.Chains.TryGetValue(expected.Name, out var found))
        {
            return expected.Hook is null;
        }

        return found.Hook == expected.Hook
            && (
                found.Hook is null
                || !found.Rules.SelectMany(static rule => rule.Statements).OfType<ForeignStatement>().Any()
            );
    }
}
