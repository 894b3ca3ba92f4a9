namespace Podfence.Dataplane.Nftables;

/// <summary>Describes the kernel's error for one message by the operation that it belongs to.</summary>
internal static class BatchFailure
{
    internal static DataplaneException Describe(
        NetlinkResponse response,
        uint firstSequence,
        IReadOnlyList<BatchMessage> messages,
        IReadOnlyList<NftOperation> operations,
        ReadOnlySpan<byte> batch
    )
    {
        var error = response.ErrorText;

        // The first number is that of the begin message: the batch as a whole.
        var index = (int)(response.Sequence - firstSequence) - 1;
        if (index < 0 || index >= messages.Count)
        {
            return new DataplaneException(
                Errno.Failure(response.Error),
                $"the kernel rejected a transaction of {operations.Count} operations: {error}"
            );
        }

        var message = messages[index];
        var operation = operations[message.Operation];
        var culprit = Culprit(operation, message, response, batch);
        var where = culprit is { } found ? $" at {found.Part}" : "";
        var failure = response.Error switch
        {
            Errno.NoEntry when culprit is { IsMissingFeature: true } => DataplaneFailure.NotSupported,

            // A missing privilege fails the batch as a whole; this is a table with the owner flag, which only the
            // process that set it may change.
            Errno.NotPermitted => DataplaneFailure.Conflict,
            _ => Errno.Failure(response.Error),
        };
        var which =
            $"operation {message.Operation + 1} of {operations.Count}, {Describe(operation, message.Rule)}{where}";
        return new DataplaneException(failure, $"the kernel rejected {which}: {error}");
    }

    private static string Describe(NftOperation operation, int rule) =>
        operation switch
        {
            AddTable => $"add table {NfTables.TableName}",
            DeleteTable => $"delete table {NfTables.TableName}",
            AddSet add => $"add {Kind(add.Set)} {add.Set.Name}",
            DeleteSet delete => $"delete set {delete.Name}",
            AddElements add => $"add {add.Elements.Count} elements to {Kind(add.Set)} {add.Set.Name}",
            DeleteElements delete =>
                $"delete {delete.Elements.Count} elements from {Kind(delete.Set)} {delete.Set.Name}",
            AddChain add => $"add chain {add.Chain.Name}",
            FlushChain flush => $"flush chain {flush.Name}",
            DeleteChain delete => $"delete chain {delete.Name}",
            AddRules { Rules: var rules, Chain: var chain } => $"add rule {rule + 1} of {rules.Count} to chain "
                + $"{chain}{(rules[rule].Comment is { } text ? $" ({text})" : "")}",
            _ => operation.ToString(),
        };

    private static string Kind(NftSet set) => set.HasVerdicts ? "map" : "set";

    /// <summary>
    /// The part of the message that the kernel points to. ENOENT is ambiguous: for an expression or a chain type the
    /// kernel was built without it, for a name the named object does not exist.
    /// </summary>
    private static (string Part, bool IsMissingFeature)? Culprit(
        NftOperation operation,
        BatchMessage message,
        NetlinkResponse response,
        ReadOnlySpan<byte> batch
    )
    {
        if (response.Offset is not { } offset || message.Start + offset >= batch.Length)
        {
            return null;
        }

        foreach (var attribute in new NetlinkAttributes(batch[(message.Start + (int)offset)..]))
        {
            switch (operation)
            {
                case AddRules
                    when FindString(attribute.Nested, NfTables.ExpressionAttribute.Name) is { Length: > 0 } expression:
                    // These two refer to sets and chains; every nf_tables has them.
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

    private static (string Part, bool IsMissingFeature)? Element(NftSet set, NetlinkAttributes element)
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
