using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Podfence.Manifests;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.TestKit;

/// <summary>
/// The four collections of an API server that policy needs, over HTTP/1.1 on the loopback interface: lists in pages,
/// watches with bookmarks, streamed lists, compaction, restored stores, and faults on request. Objects are kept as the
/// bytes that are sent, so that it holds a large cluster and tells a thousand changes a second.
/// </summary>
public sealed class ApiSimulator : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedKind> _kinds;
    private readonly HashSet<ObjectReference> _removals = [];
    private CancellationTokenSource _connections = new();
    private long _version = 1000;

    private ApiSimulator(WebApplication server, ApiSimulatorOptions options)
    {
        _server = server;
        Options = options;
        _kinds = new()
        {
            ["/api/v1/pods"] = new(nameof(Pod), "v1", options.Bulk),
            ["/api/v1/namespaces"] = new(nameof(Namespace), "v1", options.Bulk),
            ["/api/v1/nodes"] = new(nameof(Node), "v1", options.Bulk),
            ["/apis/networking.k8s.io/v1/networkpolicies"] = new(
                nameof(NetworkPolicy),
                "networking.k8s.io/v1",
                options.Bulk
            ),
        };
    }

    /// <summary>What it is like.</summary>
    public ApiSimulatorOptions Options { get; }

    /// <summary>What goes wrong.</summary>
    public ApiFaults Faults { get; } = new();

    /// <summary>The token that requests have to bear; none by default.</summary>
    public string? Token { get; set; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Requests so far: path and query.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. RequestLog];
            }
        }
    }

    internal List<string> RequestLog { get; } = [];

    internal CancellationToken Connections => _connections.Token;

    /// <summary>Starts one.</summary>
    public static async Task<ApiSimulator> StartAsync(ApiSimulatorOptions? options = null)
    {
        options ??= new ApiSimulatorOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var server = builder.Build();
        var simulator = new ApiSimulator(server, options);
        server.Run(simulator.AnswerAsync);
        await server.StartAsync().ConfigureAwait(false);
        simulator.Address = new Uri(server.Urls.First());
        return simulator;
    }

    /// <summary>Puts an object in, or in place of the one of that name.</summary>
    public void Put(ClusterObject item) => Put(item.Reference, ManifestWriter.ToJson(item));

    /// <summary>Puts an object in as its JSON, which has metadata with a name and no version.</summary>
    public void Put(ObjectReference reference, string json) =>
        Change(reference.Kind, (kind, version) => kind.Put(KeyOf(reference), json, version));

    /// <summary>Removes an object.</summary>
    public void Remove(ObjectReference reference) => Change(reference.Kind, (kind, version) =>
        {
            if (kind.Remove(KeyOf(reference), version))
            {
                _removals.Add(reference);
            }
        });

    /// <summary>Whether an object of this name was ever removed, or lost by going back to an older state.</summary>
    public bool HasRemoved(ObjectReference reference)
    {
        lock (_gate)
        {
            return _removals.Contains(reference);
        }
    }

    /// <summary>What there is, as the state of who has heard everything.</summary>
    public ClusterState State()
    {
        var state = new ClusterState();
        lock (_gate)
        {
            foreach (
                var (kind, stored) in _kinds.Values.SelectMany(static kind =>
                    kind.Objects.Values.Select(stored => (kind, stored))
                )
            )
            {
                ApiObjectReader.ReadSelfDescribing([.. stored.Head, .. kind.Tail], out var item);
                if (item is { } upserted)
                {
                    state.Upsert(upserted);
                }
            }
        }

        return state;
    }

    /// <summary>Forgets all changes so far: a watch that is behind has to list again.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            foreach (var kind in _kinds.Values)
            {
                kind.Compact(_version);
            }
        }
    }

    /// <summary>Breaks all connections, in the middle of an event where one is being sent.</summary>
    public void Cut()
    {
        CancellationTokenSource before;
        lock (_gate)
        {
            before = _connections;
            _connections = new CancellationTokenSource();
        }

        before.Cancel();
        before.Dispose();
    }

    /// <summary>Keeps what there is, to go back to.</summary>
    public ApiSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new ApiSnapshot(
                _version,
                _kinds.ToDictionary(
                    static kind => kind.Key,
                    static kind => new SortedDictionary<string, StoredObject>(
                        kind.Value.Objects,
                        StringComparer.Ordinal
                    )
                )
            );
        }
    }

    /// <summary>
    /// Goes back to what there was, its version included, and breaks all connections, as a server does whose store was
    /// restored.
    /// </summary>
    public void Restore(ApiSnapshot snapshot)
    {
        lock (_gate)
        {
            _version = snapshot.Version;
            foreach (var (path, kind) in _kinds)
            {
                foreach (var lost in kind.Objects.Keys.Except(snapshot.Objects[path].Keys, StringComparer.Ordinal))
                {
                    _removals.Add(ReferenceOf(kind.Kind, lost));
                }

                kind.Restore(snapshot.Objects[path], _version);
            }
        }

        Cut();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Cut();
        await _server.DisposeAsync().ConfigureAwait(false);
        _connections.Dispose();
    }

    internal T Locked<T>(Func<long, T> look)
    {
        lock (_gate)
        {
            return look(_version);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        SimulatedKind? kind;
        lock (_gate)
        {
            RequestLog.Add(request.Path + request.QueryString);
            kind = _kinds.GetValueOrDefault(request.Path);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Connections, context.RequestAborted);
        try
        {
            await new ApiResponse(this, context, kind, end.Token).SendAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        catch (IOException)
        {
            context.Abort();
        }
    }

    private void Change(string kindName, Action<SimulatedKind, long> change)
    {
        lock (_gate)
        {
            change(_kinds.Values.Single(kind => kind.Kind == kindName), ++_version);
        }
    }

    private static string KeyOf(ObjectReference reference) =>
        reference.Namespace is null ? reference.Name : $"{reference.Namespace}/{reference.Name}";

    private static ObjectReference ReferenceOf(string kind, string key) =>
        key.Split('/') is [var space, var name] ? new(kind, space, name) : new(kind, null, key);
}

/// <summary>What an <see cref="ApiSimulator"/> held at one time.</summary>
public sealed class ApiSnapshot
{
    internal ApiSnapshot(long version, Dictionary<string, SortedDictionary<string, StoredObject>> objects) =>
        (Version, Objects) = (version, objects);

    internal long Version { get; }

    internal Dictionary<string, SortedDictionary<string, StoredObject>> Objects { get; }
}
