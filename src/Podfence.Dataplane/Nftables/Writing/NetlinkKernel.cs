namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Accesses nf_tables over netlink, without nft or its library: a change costs what it changes, and tables of other
/// tools are never interpreted. Works on the network namespace of the thread that opened it. Used by one thread at a
/// time.
/// </summary>
public sealed class NetlinkKernel : INftKernel
{
    private static readonly TimeSpan DumpTimeout = TimeSpan.FromSeconds(30);
    private readonly NetlinkSocket _socket;
    private uint _sequence = 1;

    private NetlinkKernel(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <exception cref="DataplaneException">The kernel has no netfilter netlink.</exception>
    public static NetlinkKernel Open() => new(NetlinkSocket.Open(NetlinkSocket.ProtocolNetfilter, DumpTimeout));

    /// <inheritdoc/>
    public void Run(IReadOnlyList<NftOperation> operations)
    {
        using var writer = new NetlinkWriter(64 * 1024);
        var first = _sequence;
        var batch = new BatchEncoder(writer, first);
        if (!batch.Encode(operations))
        {
            return;
        }

        _sequence = batch.NextSequence;
        _socket.Send(writer.Written);

        // The kernel has processed the batch when send returns, and its responses are waiting. All of them are read:
        // the error of a failed commit precedes the acknowledgement of the last message, which is sent regardless.
        NetlinkResponse? failure = null;
        var acknowledged = false;
        var complete = _socket.ReceivePending(message =>
        {
            if (message.Type != NetlinkMessage.TypeError || message.Sequence - first >= batch.NextSequence - first)
            {
                return;
            }

            var response = message.ReadResponse();
            if (response.Error == 0)
            {
                acknowledged = true;
            }
            else
            {
                failure ??= response;
            }
        });

        if (failure is { } failed)
        {
            throw BatchFailure.Describe(failed, first, batch.Messages, operations, writer.Written);
        }

        if (!complete || !acknowledged)
        {
            throw new DataplaneException(
                DataplaneFailure.NoMemory,
                "the kernel's response to a transaction was lost: the transaction may or may not be in force"
            );
        }
    }

    /// <inheritdoc/>
    public void WaitForPackets() => RcuBarrier.Wait();

    /// <inheritdoc/>
    public NftTable? Read() => new TableReader(this).Read();

    /// <inheritdoc/>
    public uint Generation()
    {
        uint? generation = null;
        Request(
            NfMessage.GetGeneration,
            0,
            static _ => { },
            message =>
            {
                foreach (var attribute in message.Attributes)
                {
                    if (attribute.Type == NfTables.GenerationId)
                    {
                        generation = attribute.AsUInt32();
                    }
                }
            }
        );
        return generation
            ?? throw new DataplaneException(
                DataplaneFailure.NotSupported,
                "the kernel does not report the generation of its packet filter"
            );
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Requests one object or a dump, and handles the objects.</summary>
    /// <returns>Whether the response is consistent; false when something changed during the dump.</returns>
    /// <exception cref="NetlinkNotFoundException">There is no such object.</exception>
    /// <exception cref="DataplaneException">The kernel reported an error.</exception>
    internal bool Request(NfMessage request, ushort flags, Action<NetlinkWriter> put, NetlinkHandler handler)
    {
        var sequence = _sequence++;
        using (var writer = new NetlinkWriter(256))
        {
            // A single object is followed by an acknowledgement, a dump by its end marker: either ends the wait.
            var end = (flags & NetlinkMessage.FlagDump) != 0 ? (ushort)0 : NetlinkMessage.FlagAck;
            writer.BeginMessage(
                NfTables.MessageType(request),
                (ushort)(NetlinkMessage.FlagRequest | flags | end),
                sequence,
                NfTables.FamilyInet
            );
            put(writer);
            writer.EndMessage();
            _socket.Send(writer.Written);
        }

        try
        {
            return Collect(request, sequence, handler);
        }
        catch (Exception)
        {
            // A dump continues until it is read, and a socket has only one at a time.
            _socket.ReceivePending(static _ => { });
            throw;
        }
    }

    private bool Collect(NfMessage request, uint sequence, NetlinkHandler handler)
    {
        var consistent = true;
        var done = false;
        NetlinkResponse? failure = null;
        while (!done)
        {
            _socket.Receive(message =>
            {
                // From an earlier request that failed half way.
                if (message.Sequence != sequence)
                {
                    return;
                }

                consistent &= (message.Flags & NetlinkMessage.FlagDumpInterrupted) == 0;
                if (message.Type is NetlinkMessage.TypeError or NetlinkMessage.TypeDone)
                {
                    done = true;

                    // The end of a dump carries its error, like a response.
                    var response = message.ReadResponse();
                    failure = response.Error == 0 ? null : response;
                }
                else
                {
                    handler(message);
                }
            });
        }

        return failure switch
        {
            null => consistent,
            { Error: Errno.NoEntry } => throw new NetlinkNotFoundException(),
            { } failed => throw new DataplaneException(
                Errno.Failure(failed.Error),
                $"cannot read the packet filter: {request}: {failed.ErrorText}"
            ),
        };
    }
}

/// <summary>The requested object does not exist.</summary>
internal sealed class NetlinkNotFoundException : Exception;
