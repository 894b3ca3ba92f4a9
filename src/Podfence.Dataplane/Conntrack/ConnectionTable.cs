using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// The kernel's connection tracking over netlink (nfnetlink_conntrack). One socket reads, another writes, so that
/// entries can be deleted while the kernel dumps. Memory does not grow with the table: the kernel sends it in chunks of
/// 32 KiB, each when the one before it has been processed.
/// </summary>
/// <remarks>
/// The filter of the kernel is not used. It would visit every entry all the same, and without a pause that lets a
/// transaction in between: 40 ms for 100,000 entries, while it fills a chunk in less than one. By address (CTA_FILTER,
/// since 5.8) it runs once for each end, and returns the wrong entries for IPv6: all but those that match (observed
/// with 6.18).
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
    public bool IsLocal(IpAddress address) => _routes.IsLocal(address);

    /// <inheritdoc/>
    public void Dispose()
    {
        _reading.Dispose();
        _writing.Dispose();
        _routes.Dispose();
    }

    /// <summary>Starts a dump; only one at a time is possible.</summary>
    internal uint Begin()
    {
        // An earlier sweep may have left unread messages, and the kernel runs one dump at a time per socket.
        _reading.ReceivePending(static _ => { });
        var sequence = _sequence++;
        using var writer = new NetlinkWriter(256);
        ConnectionEncoder.PutDump(writer, sequence);
        _reading.Send(writer.Written);
        return sequence;
    }

    /// <summary>Reads the next chunk of a dump.</summary>
    /// <returns>The final response if it was the last chunk.</returns>
    internal NetlinkResponse? ReadChunk(uint sequence, NetlinkHandler handler)
    {
        NetlinkResponse? end = null;
        _reading.Receive(message =>
        {
            if (message.Sequence != sequence)
            {
                return;
            }

            if (message.Type is NetlinkMessage.TypeError or NetlinkMessage.TypeDone)
            {
                end = message.ReadResponse();
            }
            else
            {
                handler(message);
            }
        });
        return end;
    }

    /// <summary>Creates entries.</summary>
    /// <returns>How many existed already, in either direction.</returns>
    internal int Add(IEnumerable<TrackedConnection> connections) =>
        Write(connections, ConnectionEncoder.PutNew, Errno.Exists);

    /// <summary>Deletes entries.</summary>
    /// <returns>How many did not exist any more.</returns>
    internal int Remove(IEnumerable<TrackedConnection> connections) =>
        Write(connections, ConnectionEncoder.PutDelete, Errno.NoEntry);

    private delegate void Encoding(NetlinkWriter writer, uint sequence, in TrackedConnection connection);

    /// <summary>
    /// Sends one message for each. The kernel responds only to those that fail, and has processed all of them when
    /// sending returns.
    /// </summary>
    private int Write(IEnumerable<TrackedConnection> connections, Encoding encode, params ReadOnlySpan<int> ignored)
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
        var expected = ignored.ToArray();
        NetlinkResponse? failure = null;
        var complete = _writing.ReceivePending(message =>
        {
            if (message.Type != NetlinkMessage.TypeError || message.Sequence - first >= _sequence - first)
            {
                return;
            }

            var response = message.ReadResponse();
            if (expected.Contains(response.Error))
            {
                missed++;
            }
            else if (response.Error != 0)
            {
                failure ??= response;
            }
        });
        if (failure is { } failed)
        {
            throw Failure("change", failed);
        }

        return complete
            ? missed
            : throw new DataplaneException(
                DataplaneFailure.NoMemory,
                "responses of the kernel about tracked connections were lost"
            );
    }

    internal static DataplaneException Failure(string what, NetlinkResponse response) =>
        response.Error == Errno.Invalid && response.Text is null
            ? new DataplaneException(
                DataplaneFailure.NotSupported,
                $"cannot {what} tracked connections: EINVAL; if the module is missing, run: modprobe "
                    + $"nf_conntrack_netlink"
            )
            : new DataplaneException(
                Errno.Failure(response.Error),
                $"cannot {what} tracked connections: {response.ErrorText}"
            );
}
