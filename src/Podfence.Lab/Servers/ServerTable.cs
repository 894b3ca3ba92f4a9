using System.Net.Sockets;
using System.Net;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// The servers of a lab. Whoever needs one rents it; it is there as long as somebody does. Declared ports are rented for the life of the pod, others for a probe,
/// so that a refusal is never that of an absent server.
/// </summary>
internal sealed class ServerTable : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Entry> _entries = [];

    /// <summary>Rents a server; the same one for everybody who asks for the same place.</summary>
    /// <returns>The rental; where <see cref="Lease.Foreign"/>, a program that the user started listens there.</returns>
    public async Task<Lease> RentAsync(NetworkNamespace where, string name, IPAddress address, int port, ProtocolType protocol)
    {
        var key = new Key(where.Inode, new IPEndPoint(address, port), protocol);
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                _entries[key] = entry = new Entry(StartAsync(where, name, key));
            }

            entry.Renters++;
        }

        try
        {
            return new Lease(this, key, Foreign: await entry.Server is null);
        }
        catch
        {
            Return(key);
            throw;
        }
    }

    public void Dispose()
    {
        List<Entry> all;
        lock (_lock)
        {
            all = [.. _entries.Values];
            _entries.Clear();
        }

        all.ForEach(Stop);
    }

    private static async Task<EchoServer?> StartAsync(NetworkNamespace where, string name, Key key)
    {
        try
        {
            return await EchoServer.StartAsync(where, name, key.Endpoint, key.Protocol);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return null;
        }
    }

    /// <summary>Stops a server that has started before it returns: whoever rents the place next must find it free.</summary>
    private static void Stop(Entry entry) =>
        _ = entry.Server.ContinueWith(
            static started => { if (started.IsCompletedSuccessfully) { started.Result?.Dispose(); } },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private void Return(Key key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry) && --entry.Renters == 0)
            {
                _entries.Remove(key);
                Stop(entry);
            }
        }
    }

    /// <summary>A place for a server. The namespace is its number: objects of a new pod must not meet those of an old one.</summary>
    internal readonly record struct Key(string Namespace, IPEndPoint Endpoint, ProtocolType Protocol);

    /// <summary>The right to a server until it is returned.</summary>
    internal sealed record Lease(ServerTable Table, Key Key, bool Foreign) : IDisposable
    {
        private int _returned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
            {
                Table.Return(Key);
            }
        }
    }

    private sealed class Entry(Task<EchoServer?> server)
    {
        public Task<EchoServer?> Server { get; } = server;

        public int Renters { get; set; }
    }
}
