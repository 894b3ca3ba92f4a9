using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>A sweep over the kernel's table: a piece is read, each of its entries decided upon, what is condemned taken away; then the next piece.</summary>
internal sealed class ConnectionSweep : IConnectionSweep
{
    private const int MostAttempts = 5;
    private readonly ConnectionTable _table;
    private readonly IReadOnlySet<IpAddress> _addresses;
    private readonly Func<TrackedConnection, SweepAction> _decide;

    // Entries of one piece: a few hundred.
    private readonly Queue<TrackedConnection> _found = [];
    private readonly List<TrackedConnection> _condemned = [];
    private readonly List<TrackedConnection> _standIns = [];
    private uint? _dump;
    private bool _isRead;

    internal ConnectionSweep(ConnectionTable table, IReadOnlySet<IpAddress> addresses, Func<TrackedConnection, SweepAction> decide)
    {
        _table = table;
        _addresses = addresses;
        _decide = decide;
    }

    /// <inheritdoc/>
    public long Read { get; private set; }

    /// <inheritdoc/>
    public long Removed { get; private set; }

    /// <inheritdoc/>
    public bool Continue(Func<bool> isOver)
    {
        while (!isOver())
        {
            if (_found.TryDequeue(out var connection))
            {
                Decide(connection);
            }
            else if (_condemned.Count > 0)
            {
                Execute();
            }
            else if (!_isRead)
            {
                ReadPiece(_dump ??= _table.Begin());
            }
            else
            {
                return true;
            }
        }

        // What is decided is not put off.
        Execute();
        return false;
    }

    private void ReadPiece(uint dump)
    {
        var end = _table.ReadPiece(dump, message =>
        {
            if (ConnectionDecoder.Read(message.Attributes) is not { } connection)
            {
                return;
            }

            Read++;
            if (connection.Touches(_addresses))
            {
                _found.Enqueue(connection);
            }
        });

        if (end is { } answer)
        {
            _isRead = answer.Error == 0 ? true : throw ConnectionTable.Refused("read", answer);
        }
    }

    private void Decide(in TrackedConnection connection)
    {
        var fate = _decide(connection);
        if (fate == SweepAction.Keep || (fate == SweepAction.Refuse && ConntrackTombstones.Include(connection)))
        {
            return;
        }

        _condemned.Add(connection);
        if (fate == SweepAction.Refuse)
        {
            _standIns.AddRange(ConntrackTombstones.For(connection));
        }
    }

    private void Execute()
    {
        Removed += _condemned.Count - _table.Remove(_condemned);
        _condemned.Clear();

        // A packet in between may have made an entry of its own.
        for (var attempt = 0; attempt < MostAttempts && _standIns.Count > 0 && _table.Add(_standIns) > 0; attempt++)
        {
            _table.Remove(_standIns);
        }

        _standIns.Clear();
    }
}
