using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>Which operation a message of a batch belongs to.</summary>
/// <param name="Start">Where it begins in the buffer.</param>
/// <param name="Operation">Index of the operation.</param>
/// <param name="Rule">Index of the rule within <see cref="AddRules"/>.</param>
internal readonly record struct BatchMessage(int Start, int Operation, int Rule);

/// <summary>Encodes operations as one batch, which the kernel executes entirely or not at all.</summary>
internal sealed class BatchEncoder(NetlinkWriter writer, uint firstSequence)
{
    // Leaves room for the rest of the message; the whole list is one attribute.
    private const int MaxElementList = NetlinkWriter.MaxAttributeLength - 1024;
    private readonly List<BatchMessage> _messages = [];
    private readonly Dictionary<string, uint> _newSets = [];
    private int _operation;

    /// <summary>
    /// The messages between begin and end; the first has the sequence number after that of the begin.
    /// </summary>
    internal IReadOnlyList<BatchMessage> Messages => _messages;

    /// <summary>The sequence number after the last one used.</summary>
    internal uint NextSequence { get; private set; } = firstSequence;

    /// <summary>Encodes them.</summary>
    /// <returns>Whether there is anything to send.</returns>
    internal bool Encode(IReadOnlyList<NftOperation> operations)
    {
        Delimiter(NfTables.BatchBegin);
        for (_operation = 0; _operation < operations.Count; _operation++)
        {
            Put(operations[_operation]);
        }

        if (_messages.Count == 0)
        {
            return false;
        }

        // The kernel responds only to messages that fail or request it; the response to the last one shows that the
        // batch is done.
        writer.AddMessageFlag(NetlinkMessage.FlagAck);
        Delimiter(NfTables.BatchEnd);
        return true;
    }

    private void Put(NftOperation operation)
    {
        switch (operation)
        {
            case AddTable:
                Begin(NfMessage.NewTable, NetlinkMessage.FlagCreate);
                writer.PutString(NfTables.TableAttribute.Name, NfTables.TableName);
                writer.PutUInt32(NfTables.TableAttribute.Flags, 0);
                writer.EndMessage();
                break;
            case DeleteTable:
                _newSets.Clear();
                Begin(NfMessage.DeleteTable, 0);
                writer.PutString(NfTables.TableAttribute.Name, NfTables.TableName);
                writer.EndMessage();
                break;
            case AddSet add:
                PutSet(add.Set);
                break;
            case DeleteSet delete:
                _newSets.Remove(delete.Name);
                Named(NfMessage.DeleteSet, NfTables.SetAttribute.Table, NfTables.SetAttribute.Name, delete.Name);
                break;
            case AddElements add:
                PutElements(add.Set, add.Elements, delete: false);
                break;
            case DeleteElements delete:
                PutElements(delete.Set, delete.Elements, delete: true);
                break;
            case AddChain add:
                PutChain(add.Chain);
                break;
            case FlushChain flush:
                Named(NfMessage.DeleteRule, NfTables.RuleAttribute.Table, NfTables.RuleAttribute.Chain, flush.Name);
                break;
            case DeleteChain delete:
                Named(NfMessage.DeleteChain, NfTables.ChainAttribute.Table, NfTables.ChainAttribute.Name, delete.Name);
                break;
            case AddRules add:
                PutRules(add.Chain, add.Rules.AsSpan());
                break;
            default:
                throw new ArgumentException(
                    $"{operation.GetType().Name} is not a supported operation",
                    nameof(operation)
                );
        }
    }

    private void PutSet(NftSet set)
    {
        var layout = SetLayout.Of(set);
        Begin(NfMessage.NewSet, NetlinkMessage.FlagCreate | NetlinkMessage.FlagExclusive);

        // The kernel wants a number for every new set; it need only differ from the others' of the batch.
        var id = (uint)_messages.Count;
        _newSets[set.Name] = id;
        writer.PutString(NfTables.SetAttribute.Table, NfTables.TableName);
        writer.PutString(NfTables.SetAttribute.Name, set.Name);
        writer.PutUInt32(NfTables.SetAttribute.Flags, layout.Flags);
        writer.PutUInt32(NfTables.SetAttribute.KeyType, layout.KeyType);
        writer.PutUInt32(NfTables.SetAttribute.KeyLength, (uint)layout.KeyLength);
        if (set.HasVerdicts)
        {
            writer.PutUInt32(NfTables.SetAttribute.DataType, NfTables.DataTypeVerdict);
            writer.PutUInt32(NfTables.SetAttribute.DataLength, 0);
        }

        writer.PutUInt32(NfTables.SetAttribute.Id, id);
        if (layout.HasKeyEnds)
        {
            // Lengths of port and protocol without the padding between: the kernel looks up field by field.
            var description = writer.BeginNest(NfTables.SetAttribute.Description);
            var fields = writer.BeginNest(NfTables.SetDescriptionConcatenation);
            foreach (var length in (ReadOnlySpan<uint>)[2, 1])
            {
                var field = writer.BeginNest(NfTables.ListElement);
                writer.PutUInt32(NfTables.SetFieldLength, length);
                writer.EndNest(field);
            }

            writer.EndNest(fields);
            writer.EndNest(description);
        }

        UserData.PutSet(writer, set.Comment, concatenated: set.Key is not (NftKey.Address or NftKey.AddressRange));
        writer.EndMessage();
    }

    /// <summary>As many messages as the 16-bit length of an attribute requires.</summary>
    private void PutElements(NftSet set, IReadOnlyCollection<NftElement> elements, bool delete)
    {
        var layout = SetLayout.Of(set);
        int? list = null;
        foreach (var element in elements)
        {
            if (list is { } full && writer.Length - full > MaxElementList - ElementEncoder.MaxLength)
            {
                EndList(full);
                list = null;
            }

            list ??= BeginList();
            ElementEncoder.Put(writer, set, layout, element, delete);
        }

        if (list is { } last)
        {
            EndList(last);
        }

        int BeginList()
        {
            if (delete)
            {
                Begin(NfMessage.DeleteElements, 0);
            }
            else
            {
                Begin(NfMessage.NewElements, NetlinkMessage.FlagCreate | NetlinkMessage.FlagExclusive);
            }

            writer.PutString(NfTables.ElementListAttribute.Table, NfTables.TableName);
            if (NewSetId(set.Name) is { } id)
            {
                // By the number alone: by its name the kernel would first search all sets of the table.
                writer.PutUInt32(NfTables.ElementListAttribute.SetId, id);
            }
            else
            {
                writer.PutString(NfTables.ElementListAttribute.Set, set.Name);
            }

            return writer.BeginNest(NfTables.ElementListAttribute.Elements);
        }

        void EndList(int start)
        {
            writer.EndNest(start);
            writer.EndMessage();
        }
    }

    private void PutChain(NftChain chain)
    {
        Begin(NfMessage.NewChain, NetlinkMessage.FlagCreate | NetlinkMessage.FlagExclusive);
        writer.PutString(NfTables.ChainAttribute.Table, NfTables.TableName);
        writer.PutString(NfTables.ChainAttribute.Name, chain.Name);
        if (chain.Hook is { } hook)
        {
            writer.PutString(NfTables.ChainAttribute.Type, BaseChain.Type);
            writer.PutUInt32(NfTables.ChainAttribute.Policy, BaseChain.PolicyAccept);
            var nest = writer.BeginNest(NfTables.ChainAttribute.Hook);
            writer.PutUInt32(NfTables.HookAttribute.Number, (uint)hook.Point);
            writer.PutUInt32(NfTables.HookAttribute.Priority, unchecked((uint)hook.Priority));
            writer.EndNest(nest);
        }

        UserData.Put(writer, NfTables.ChainAttribute.UserData, chain.Comment);
        writer.EndMessage();
    }

    private void PutRules(string chain, ReadOnlySpan<NftRule> rules)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            Begin(NfMessage.NewRule, NetlinkMessage.FlagCreate | NetlinkMessage.FlagAppend, i);
            writer.PutString(NfTables.RuleAttribute.Table, NfTables.TableName);
            writer.PutString(NfTables.RuleAttribute.Chain, chain);
            var expressions = writer.BeginNest(NfTables.RuleAttribute.Expressions);
            new RuleEncoder(writer, NewSetId).Put(rules[i].Statements.AsSpan());
            writer.EndNest(expressions);
            UserData.Put(writer, NfTables.RuleAttribute.UserData, rules[i].Comment);
            writer.EndMessage();
        }
    }

    private uint? NewSetId(string set) => _newSets.TryGetValue(set, out var id) ? id : null;

    private void Named(NfMessage message, int tableAttribute, int nameAttribute, string name)
    {
        Begin(message, 0);
        writer.PutString(tableAttribute, NfTables.TableName);
        writer.PutString(nameAttribute, name);
        writer.EndMessage();
    }

    private void Begin(NfMessage message, int flags, int rule = 0)
    {
        _messages.Add(new BatchMessage(writer.Length, _operation, rule));
        writer.BeginMessage(
            NfTables.MessageType(message),
            (ushort)(NetlinkMessage.FlagRequest | flags),
            NextSequence++,
            NfTables.FamilyInet
        );
    }

    private void Delimiter(ushort type)
    {
        writer.BeginMessage(
            type,
            NetlinkMessage.FlagRequest,
            NextSequence++,
            NfTables.FamilyUnspecified,
            NfTables.Subsystem
        );
        writer.EndMessage();
    }
}

/// <summary>The properties of all base chains of Podfence's.</summary>
internal static class BaseChain
{
    internal const string Type = "filter";
    internal const uint PolicyAccept = 1;
}
