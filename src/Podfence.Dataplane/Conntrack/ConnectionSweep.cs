using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// A sweep over the kernel's table: reads a chunk, decides on each of its entries, deletes those chosen; then the next
/// chunk.
/// </summary>
internal sealed class ConnectionSweep : IConnectionSweep
{
    private const int MaxAttempts = 5;
    private readonly ConnectionTable _table;
    private readonly IReadOnlySet<IpAddress> _addresses;
    private readonly Func<TrackedConnection, SweepAction> _decide;

    // Entries of one chunk: a few hundred.
    private readonly Queue<TrackedConnection> _found = [];
    private readonly List<TrackedConnection> _toRemove = [];
    private readonly List<TrackedConnection> _tombstones = [];
    private uint? _dump;
    private bool _isRead;

    internal ConnectionSweep(
        ConnectionTable table,
        IReadOnlySet<IpAddress> addresses,
        Func<TrackedConnection, SweepAction> decide
    )
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
            else if (_toRemove.Count > 0)
            {
                Execute();
            }
            else if (!_isRead)
            {
                ReadChunk(_dump ??= _table.Begin());
            }
            else
            {
                return true;
            }
        }

        // Decisions are carried out before returning.
        Execute();
        return false;
    }

    private void ReadChunk(uint dump)
    {
        var end = _table.ReadChunk(dump, message =>
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

        if (end is { } response)
        {
            _isRead = response.Error == 0 ? true : throw ConnectionTable.Failure("read", response);
        }
    }

    private void Decide(in TrackedConnection connection)
    {
        var action = _decide(connection);
        if (action == SweepAction.Keep || (action == SweepAction.Terminate && ConntrackTombstones.Include(connection)))
        {
            return;
        }

        _toRemove.Add(connection);
        if (action == SweepAction.Terminate)
        {
            _tombstones.AddRange(ConntrackTombstones.For(connection));
        }
    }

    private void Execute()
    {
        Removed += _toRemove.Count - _table.Remove(_toRemove);
        _toRemove.Clear();

        // A packet in between may have created an entry of its own.
        for (var attempt = 0; attempt < MaxAttempts && _tombstones.Count > 0 && _table.Add(_tombstones) > 0; attempt++)
        {
            _table.Remove(_tombstones);
        }

        _tombstones.Clear();
    }
}
