using Podfence.Base;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Reads Podfence's table. The kernel cannot return it in one response, so the generation is compared before and after,
/// and everything is read again when it differs.
/// </summary>
internal sealed class TableReader(NetlinkKernel kernel)
{
    private const int Attempts = 10;

    /// <summary>The table; null where there is none.</summary>
    internal NftTable? Read()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = kernel.Generation();
            var table = TryRead(out var consistent);
            if (consistent && kernel.Generation() == before)
            {
                return table;
            }
        }

        throw new DataplaneException(
            DataplaneFailure.Conflict,
            $"the packet filter changed during each of {Attempts} attempts to read it"
        );
    }

    private NftTable? TryRead(out bool consistent)
    {
        uint flags = 0;
        try
        {
            kernel.Request(
                NfMessage.GetTable,
                0,
                static writer => writer.PutString(NfTables.TableAttribute.Name, NfTables.TableName),
                message =>
                {
                    foreach (var attribute in message.Attributes)
                    {
                        flags |= attribute.Type == NfTables.TableAttribute.Flags ? attribute.AsUInt32() : 0;
                    }
                }
            );
        }
        catch (NetlinkNotFoundException)
        {
            consistent = true;
            return null;
        }

        try
        {
            var chains = new Dictionary<string, ChainBuilder>();
            consistent = ReadChains(chains);
            if (flags != 0)
            {
                // A dormant table has no hooks: it looks complete and has no effect.
                foreach (var chain in chains.Values)
                {
                    chain.Rules.Add(new NftRule([new ForeignStatement($"table flags 0x{flags:x}")]));
                }
            }

            consistent &= ReadRules(chains);
            var sets = new Dictionary<string, NftSetContent>();
            consistent &= ReadSets(sets);
            return new NftTable(chains.ToDictionary(pair => pair.Key, pair => pair.Value.Build()), sets);
        }
        catch (NetlinkNotFoundException)
        {
            // Something was deleted between two requests.
            consistent = false;
            return null;
        }
    }

    /// <summary>
    /// The kernel dumps the chains of all inet tables; those of other tables are recognised by the first attribute, the
    /// name of the table.
    /// </summary>
    private bool ReadChains(Dictionary<string, ChainBuilder> chains) =>
        kernel.Request(
            NfMessage.GetChain,
            NetlinkMessage.FlagDump,
            static writer => writer.PutString(NfTables.ChainAttribute.Table, NfTables.TableName),
            message =>
            {
                if (ChainBuilder.Read(message.Attributes) is { } chain)
                {
                    chains[chain.Name] = chain;
                }
            }
        );

    private bool ReadRules(Dictionary<string, ChainBuilder> chains) =>
        kernel.Request(
            NfMessage.GetRule,
            NetlinkMessage.FlagDump,
            static writer => writer.PutString(NfTables.RuleAttribute.Table, NfTables.TableName),
            message =>
            {
                if (RuleDecoder.Read(message.Attributes) is { } rule && chains.TryGetValue(rule.Chain, out var chain))
                {
                    chain.Rules.Add(rule.Rule);
                }
            }
        );

    private bool ReadSets(Dictionary<string, NftSetContent> sets)
    {
        var found = new List<(NftSet Set, bool Ours)>();
        var consistent = kernel.Request(
            NfMessage.GetSet,
            NetlinkMessage.FlagDump,
            static writer => writer.PutString(NfTables.SetAttribute.Table, NfTables.TableName),
            message =>
            {
                if (SetDecoder.Read(message.Attributes) is { } set)
                {
                    found.Add(set);
                }
            }
        );
        foreach (var (set, ours) in found)
        {
            var elements = new ElementDecoder(set);
            if (ours)
            {
                consistent &= kernel.Request(
                    NfMessage.GetElements,
                    NetlinkMessage.FlagDump,
                    writer =>
                    {
                        writer.PutString(NfTables.ElementListAttribute.Table, NfTables.TableName);
                        writer.PutString(NfTables.ElementListAttribute.Set, set.Name);
                    },
                    message => elements.Read(message.Attributes)
                );
            }

            sets[set.Name] = new NftSetContent(set, elements.Build());
        }

        return consistent;
    }
}

/// <summary>A chain while its rules are being read.</summary>
internal sealed class ChainBuilder(string name, NftHook? hook, string? comment)
{
    internal string Name => name;

    internal List<NftRule> Rules { get; } = [];

    internal NftChain Build() => new(name, hook, Rules.ToEquatableArray(), comment);

    /// <summary>Decodes a chain; null for a chain of another table.</summary>
    internal static ChainBuilder? Read(NetlinkAttributes attributes)
    {
        string? table = null;
        string? name = null;
        string? comment = null;
        string? type = null;
        uint? policy = null;
        NftHook? hook = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case NfTables.ChainAttribute.Table:
                    table = attribute.AsString();
                    break;
                case NfTables.ChainAttribute.Name:
                    name = attribute.AsString();
                    break;
                case NfTables.ChainAttribute.Hook:
                    hook = ReadHook(attribute.Nested);
                    break;
                case NfTables.ChainAttribute.Policy:
                    policy = attribute.AsUInt32();
                    break;
                case NfTables.ChainAttribute.Type:
                    type = attribute.AsString();
                    break;
                case NfTables.ChainAttribute.UserData:
                    comment = UserData.FindComment(attribute.Value, UserData.Comment);
                    break;
            }
        }

        if (table != NfTables.TableName || name is null)
        {
            return null;
        }

        var chain = new ChainBuilder(name, hook, comment);
        if (hook is not null && (type != BaseChain.Type || policy != BaseChain.PolicyAccept))
        {
            chain.Rules.Add(new NftRule([new ForeignStatement($"base chain of type {type}, policy {policy}")]));
        }

        return chain;
    }

    private static NftHook ReadHook(NetlinkAttributes attributes)
    {
        uint point = 0;
        uint priority = 0;
        foreach (var attribute in attributes)
        {
            if (attribute.Type == NfTables.HookAttribute.Number)
            {
                point = attribute.AsUInt32();
            }
            else if (attribute.Type == NfTables.HookAttribute.Priority)
            {
                priority = attribute.AsUInt32();
            }
        }

        return new NftHook((HookPoint)point, unchecked((int)priority));
    }
}
