
namespace Podfence.Dataplane.Nftables;

/// <summary>Turns the kernel's refusal of one message into words about the operation that it belongs to.</summary>
internal static class BatchRefusal
{
    internal static DataplaneException Describe(
        NetlinkAnswer answer, uint firstSequence, IReadOnlyList<BatchMessage> messages, IReadOnlyList<NftOperation> operations, ReadOnlySpan<byte> batch)
    {
        var name = Errno.Name(answer.Error);
        var words = answer.Text is { } text ? $"{name}, {text}" : name;

        // The first number is the begin's: the batch as a whole.
        var index = (int)(answer.Sequence - firstSequence) - 1;
        if (index < 0 || index >= messages.Count)
        {
            return new DataplaneException(Errno.Failure(answer.Error), $"the kernel refused the transaction of {operations.Count} operations: {words}");
        }

        var message = messages[index];
        var operation = operations[message.Operation];
        var culprit = Culprit(operation, message, answer, batch);
        var where = culprit is { } found ? $" at {found.Words}" : "";
        var failure = answer.Error switch
        {
            Errno.NoEntry when culprit is { IsMissingFeature: true } => DataplaneFailure.NotSupported,

            // A missing privilege refuses the batch as a whole; this is a table with the owner flag, which only the process that set it may touch.
            Errno.NotPermitted => DataplaneFailure.Conflict,
            _ => Errno.Failure(answer.Error),
        };
        return new DataplaneException(
            failure, $"the kernel refused operation {message.Operation + 1} of {operations.Count}, {Describe(operation, message.Rule)}{where}: {words}");
    }

    private static string Describe(NftOperation operation, int rule) => operation switch
    {
        AddTable => $"add table {NfTables.TableName}",
        DeleteTable => $"delete table {NfTables.TableName}",
        AddSet add => $"add {Kind(add.Set)} {add.Set.Name}",
        DeleteSet delete => $"delete set {delete.Name}",
        AddElements add => $"add {add.Elements.Count} elements to {Kind(add.Set)} {add.Set.Name}",
        DeleteElements delete => $"delete {delete.Elements.Count} elements from {Kind(delete.Set)} {delete.Set.Name}",
        AddChain add => $"add chain {add.Chain.Name}",
        FlushChain flush => $"flush chain {flush.Name}",
        DeleteChain delete => $"delete chain {delete.Name}",
        AddRules add => $"add rule {rule + 1} of {add.Rules.Count} to chain {add.Chain}{(add.Rules[rule].Comment is { } comment ? $" ({comment})" : "")}",
        _ => operation.ToString(),
    };

    private static string Kind(NftSet set) => set.HasVerdicts ? "map" : "set";

    /// <summary>
    /// What stands where the kernel points to. ENOENT is ambiguous: for an expression or a type of chain it says that the kernel was built without it,
    /// for a name that what it names is gone.
    /// </summary>
    private static (string Words, bool IsMissingFeature)? Culprit(NftOperation operation, BatchMessage message, NetlinkAnswer answer, ReadOnlySpan<byte> batch)
    {
        if (answer.Offset is not { } offset || message.Start + offset >= batch.Length)
        {
            return null;
        }

        foreach (var attribute in new NetlinkAttributes(batch[(message.Start + (int)offset)..]))
        {
            switch (operation)
            {
                case AddRules when FindString(attribute.Nested, NfTables.ExpressionAttribute.Name) is { Length: > 0 } expression:
                    // These two refer to sets and chains; nf_tables never lacks them.
                    return ($"expression {expression}", expression is not ("lookup" or "immediate"));
                case AddChain when attribute.Type == NfTables.ChainAttribute.Type:
                    return ("its type", true);
                case AddElements add:
                    return Element(add.Set, attribute.Nested);
                case DeleteElements delete:
                    return Element(delete.Set, attribute.Nested);
                default:
                    return null;
            }
        }

        return null;
    }

    private static (string Words, bool IsMissingFeature)? Element(NftSet set, NetlinkAttributes element)
    {
        foreach (var attribute in element)
        {
            if (attribute.Type != NfTables.ElementAttribute.Key)
            {
                continue;
            }

            foreach (var value in attribute.Nested)
            {
                if (value.Type == NfTables.DataAttribute.Value && value.Value.Length == SetLayout.Of(set).KeyLength)
                {
                    return (Words(set, value.Value), false);
                }
            }
        }

        return null;
    }

    private static string Words(NftSet set, ReadOnlySpan<byte> key)
    {
        var (element, ports) = SetLayout.Read(set.Key, key, key);
        return set.Key switch
        {
            NftKey.Address or NftKey.AddressRange => element.First.ToString(),
            NftKey.AddressPair => $"{element.First} . {element.Last}",
            NftKey.Endpoint => element.ToString(),
            _ => ports.ToString(),
        };
    }

    private static string? FindString(NetlinkAttributes attributes, int type)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Type == type)
            {
                return attribute.AsString();
            }
        }

        return null;
    }
}
