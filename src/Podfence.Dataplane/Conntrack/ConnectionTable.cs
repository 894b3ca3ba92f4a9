using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// The kernel's connection tracking over netlink (nfnetlink_conntrack). One socket reads, another writes, so that entries can be taken away while the kernel dumps.
/// Memory does not grow with the table: the kernel hands it over in pieces of 32 KiB, each when the one before it has been dealt with.
/// </summary>
/// <remarks>
/// The kernel can filter, and is not asked to. It would look at every entry all the same, and without a pause that lets a transaction in between: 40 ms for 100,000 entries, while it
/// fills a piece in less than one. By address (CTA_FILTER, since 5.8) it looks once for each end, and hands over the wrong ones for IPv6: all but those that match (seen with 6.18).
/// </remarks>
public sealed class ConnectionTable : IConnectionTable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);
    private readonly NetlinkSocket _reading;
    private readonly NetlinkSocket _writing;
    private readonly RouteTable _routes;
    private uint _sequence = 1;

    private ConnectionTable(NetlinkSocket reading, NetlinkSocket writing, RouteTable routes)
    {
        _reading = reading;
        _writing = writing;
        _routes = routes;
    }

    /// <summary>Opens the table of the calling thread's network namespace.</summary>
    /// <exception cref="DataplaneException">The kernel has no netfilter netlink.</exception>
    public static ConnectionTable Open()
    {
        NetlinkSocket? reading = null;
        NetlinkSocket? writing = null;
        try
        {
            reading = NetlinkSocket.Open(NetlinkSocket.ProtocolNetfilter, s_timeout);
            writing = NetlinkSocket.Open(NetlinkSocket.ProtocolNetfilter, s_timeout);
            return new ConnectionTable(reading, writing, RouteTable.Open());
        }
        catch
        {
            reading?.Dispose();
            writing?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IConnectionSweep Sweep(IReadOnlySet<IpAddress> addresses, Func<TrackedConnection, SweepAction> decide) =>
        new ConnectionSweep(this, addresses, decide);

    /// <inheritdoc/>
    public bool IsOfThisNode(IpAddress address) => _routes.IsLocal(address);

    /// <inheritdoc/>
    public void Dispose()
    {
        _reading.Dispose();
        _writing.Dispose();
        _routes.Dispose();
    }

    /// <summary>Begins a dump; there may be only one at a time.</summary>
    internal uint Begin()
    {
        // What an earlier sweep did not read is still on its way, and the kernel dumps one thing at a time to a socket.
        _reading.ReceivePending(static _ => { });
        var sequence = _sequence++;
        using var writer = new NetlinkWriter(256);
        ConnectionEncoder.PutDump(writer, sequence);
        _reading.Send(writer.Written);
        return sequence;
    }

    /// <summary>Takes the next piece of a dump.</summary>
    /// <returns>The kernel's last word when it was the last piece.</returns>
    internal NetlinkAnswer? ReadPiece(uint sequence, NetlinkHandler handler)
    {
        NetlinkAnswer? end = null;
        _reading.Receive(message =>
        {
            if (message.Sequence != sequence)
            {
                return;
            }

            if (message.Type is NetlinkMessage.TypeError or NetlinkMessage.TypeDone)
            {
                end = message.ReadAnswer();
            }
            else
            {
                handler(message);
            }
        });
        return end;
    }

    /// <summary>Puts entries in.</summary>
    /// <returns>How many are there already, in either direction.</returns>
    internal int Add(IEnumerable<TrackedConnection> connections) =>
        Write(connections, ConnectionEncoder.PutNew, Errno.Exists);

    /// <summary>Takes entries away.</summary>
    /// <returns>How many were gone already.</returns>
    internal int Remove(IEnumerable<TrackedConnection> connections) => Write(connections, ConnectionEncoder.PutDelete, Errno.NoEntry);

    private delegate void Encoding(NetlinkWriter writer, uint sequence, in TrackedConnection connection);

    /// <summary>
    /// Sends one message for each; only what is refused is answered, and by the time that sending returns all of it has been done or refused.
    /// </summary>
    private int Write(IEnumerable<TrackedConnection> connections, Encoding encode, params ReadOnlySpan<int> excused)
    {
        var first = _sequence;
        using var writer = new NetlinkWriter();
        foreach (var connection in connections)
        {
            encode(writer, _sequence++, connection);
        }

        if (writer.Length == 0)
        {
            return 0;
        }

        _writing.Send(writer.Written);
        var missed = 0;
        var harmless = excused.ToArray();
        NetlinkAnswer? refusal = null;
        var complete = _writing.ReceivePending(message =>
        {
            if (message.Type != NetlinkMessage.TypeError || message.Sequence - first >= _sequence - first)
            {
                return;
            }

            var answer = message.ReadAnswer();
            if (harmless.Contains(answer.Error))
            {
                missed++;
            }
            else if (answer.Error != 0)
            {
                refusal ??= answer;
            }
        });
        if (refusal is { } refused)
        {
            throw Refused("change", refused);
        }

        return complete ? missed : throw new DataplaneException(DataplaneFailure.NoMemory, "the kernel's answers about connections were lost");
    }

    internal static DataplaneException Refused(string what, NetlinkAnswer answer) => answer.Error == Errno.Invalid && answer.Text is null
        ? new DataplaneException(DataplaneFailure.NotSupported, $"cannot {what} tracked connections: EINVAL; where the module is missing, run: modprobe nf_conntrack_netlink")
        : new DataplaneException(Errno.Failure(answer.Error), $"cannot {what} tracked connections: {Errno.Name(answer.Error)}{(answer.Text is { } text ? $", {text}" : "")}");
}
