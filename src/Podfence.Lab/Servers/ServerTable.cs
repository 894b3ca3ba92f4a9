using System.Net;
using System.Net.Sockets;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// The servers of a lab. A server runs while there is a lease on it. Leases on declared ports last as long as the pod,
/// others as long as a probe, so that a denied probe never means that there was no server.
/// </summary>
internal sealed class ServerTable : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Entry> _entries = [];

    /// <summary>Acquires a lease on the server of a port; leases on the same port share a server.</summary>
    /// <returns>The lease; with <see cref="Lease.Foreign"/>, a program of the user listens on the port.</returns>
    public async Task<Lease> AcquireAsync(
        NetworkNamespace where,
        string name,
        IPAddress address,
        int port,
        ProtocolType protocol
    )
    {
        var key = new Key(where.Inode, new IPEndPoint(address, port), protocol);
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                _entries[key] = entry = new Entry(StartAsync(where, name, key));
            }

            entry.Leases++;
        }

        try
        {
            return new Lease(this, key, Foreign: await entry.Server is null);
        }
        catch
        {
            Release(key);
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

    /// <summary>Stops a server before it returns if it has started: the next lease must find the port free.</summary>
    private static void Stop(Entry entry) =>
        _ = entry.Server.ContinueWith(
            static started =>
            {
                if (started.IsCompletedSuccessfully)
                {
                    started.Result?.Dispose();
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );

    private void Release(Key key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry) && --entry.Leases == 0)
            {
                _entries.Remove(key);
                Stop(entry);
            }
        }
    }

    /// <summary>
    /// The port of a server. The namespace is its inode: a new pod must not get the server of an old one.
    /// </summary>
    internal readonly record struct Key(string Namespace, IPEndPoint Endpoint, ProtocolType Protocol);

    /// <summary>Keeps a server running until it is disposed.</summary>
    internal sealed record Lease(ServerTable Table, Key Key, bool Foreign) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                Table.Release(Key);
            }
        }
    }

    private sealed class Entry(Task<EchoServer?> server)
    {
        public Task<EchoServer?> Server { get; } = server;

        public int Leases { get; set; }
    }
}
