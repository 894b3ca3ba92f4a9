namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Speaks to nf_tables over netlink, without nft or its library: a change costs what it changes, and tables of other tools are never interpreted.
/// Works on the network namespace of the thread that opened it. Used by one thread at a time.
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

        // The kernel has done or refused the batch by the time that send returns, and its answers are waiting. All of them are read:
        // a commit that fails is answered before the acknowledgement of the last message, which is sent regardless.
        NetlinkAnswer? refusal = null;
        var acknowledged = false;
        var complete = _socket.ReceivePending(message =>
        {
            if (message.Type != NetlinkMessage.TypeError || message.Sequence - first >= batch.NextSequence - first)
            {
                return;
            }

            var answer = message.ReadAnswer();
            if (answer.Error == 0)
            {
                acknowledged = true;
            }
            else
            {
                refusal ??= answer;
            }
        });

        if (refusal is { } refused)
        {
            throw BatchRefusal.Describe(refused, first, batch.Messages, operations, writer.Written);
        }

        if (!complete || !acknowledged)
        {
            throw new DataplaneException(DataplaneFailure.NoMemory, "the kernel's answer to a transaction was lost: it may or may not be in force");
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
        Request(NfMessage.GetGeneration, 0, static _ => { }, message =>
        {
            foreach (var attribute in message.Attributes)
            {
                if (attribute.Type == NfTables.GenerationId)
                {
                    generation = attribute.AsUInt32();
                }
            }
        });
        return generation ?? throw new DataplaneException(DataplaneFailure.NotSupported, "the kernel does not say the generation of its packet filter");
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Asks for one object or a dump, and hands over the objects.</summary>
    /// <returns>Whether the answer is of one piece; false when something changed while the kernel dumped.</returns>
    /// <exception cref="NetlinkNotFoundException">There is no such object.</exception>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    internal bool Request(NfMessage request, ushort flags, Action<NetlinkWriter> put, NetlinkHandler handler)
    {
        var sequence = _sequence++;
        using (var writer = new NetlinkWriter(256))
        {
            // A single object is followed by an acknowledgement, a dump by its end: both say when to stop waiting.
            var end = (flags & NetlinkMessage.FlagDump) != 0 ? (ushort)0 : NetlinkMessage.FlagAck;
            writer.BeginMessage(NfTables.MessageType(request), (ushort)(NetlinkMessage.FlagRequest | flags | end), sequence, NfTables.FamilyInet);
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
            // A dump goes on until it is read, and a socket has only one at a time.
            _socket.ReceivePending(static _ => { });
            throw;
        }
    }

    private bool Collect(NfMessage request, uint sequence, NetlinkHandler handler)
    {
        var consistent = true;
        var done = false;
        NetlinkAnswer? refusal = null;
        while (!done)
        {
            _socket.Receive(message =>
            {
                // Left from an earlier request that failed half way.
                if (message.Sequence != sequence)
                {
                    return;
                }

                consistent &= (message.Flags & NetlinkMessage.FlagDumpInterrupted) == 0;
                if (message.Type is NetlinkMessage.TypeError or NetlinkMessage.TypeDone)
                {
                    done = true;

                    // The end of a dump carries its error, like an answer.
                    var answer = message.ReadAnswer();
                    refusal = answer.Error == 0 ? null : answer;
                }
                else
                {
                    handler(message);
                }
            });
        }

        return refusal switch
        {
            null => consistent,
            { Error: Errno.NoEntry } => throw new NetlinkNotFoundException(),
            { } refused => throw new DataplaneException(
                Errno.Failure(refused.Error), $"cannot read the packet filter: {request}: {Errno.Name(refused.Error)}{(refused.Text is { } text ? $", {text}" : "")}"),
        };
    }
}

/// <summary>What was asked for is not there.</summary>
internal sealed class NetlinkNotFoundException : Exception;
