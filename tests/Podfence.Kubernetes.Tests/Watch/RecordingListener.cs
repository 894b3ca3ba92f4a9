using Podfence.Model;

namespace Podfence.Kubernetes.Tests;

/// <summary>
/// Takes what a source tells into a state, as the agent does, and watches what is removed: the removals that were told,
/// and those that the end of a list means.
/// </summary>
internal sealed class RecordingListener : IReflectorListener
{
    private readonly Lock _gate = new();

    public ClusterState State { get; } = new();

    public List<ClusterEvent> Events { get; } = [];

    public List<ObjectReference> Removals { get; } = [];

    public List<(string Kind, WatchFailure What)> Failures { get; } = [];

    public List<ListReport> Lists { get; } = [];

    public List<UnreadableObject> Unreadables { get; } = [];

    public int WatchesStarted { get; private set; }

    public int WatchesEnded { get; private set; }

    public int Frames { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>What telling waits for; nothing by default.</summary>
    public Func<ClusterEvent, Task>? Gate { get; set; }

    /// <summary>How far each kind is.</summary>
    public Dictionary<string, string> Versions { get; } = [];

    public void Advanced(string kind, string version)
    {
        lock (_gate)
        {
            Versions[kind] = version;
        }
    }

    public async ValueTask EmitAsync(ClusterEvent told, CancellationToken cancellationToken)
    {
        if (Gate is { } gate)
        {
            await gate(told);
        }

        lock (_gate)
        {
            var before = told is ListEnded or ObjectRemoved ? Names() : [];
            State.Apply(told);
            if (before.Count > 0)
            {
                Removals.AddRange(before.Except(Names()));
            }

            Events.Add(told);
        }
    }

    public T Read<T>(Func<RecordingListener, T> read)
    {
        lock (_gate)
        {
            return read(this);
        }
    }

    public bool Holds(ClusterState other)
    {
        lock (_gate)
        {
            return State.Pods.ToHashSet().SetEquals(other.Pods)
                && State.Policies.ToHashSet().SetEquals(other.Policies)
                && State.Namespaces.Values.ToHashSet().SetEquals(other.Namespaces.Values)
                && State.Nodes.Values.ToHashSet().SetEquals(other.Nodes.Values);
        }
    }

    public void Listed(string kind, ListReport report) => Note(() => Lists.Add(report));

    public void WatchStarted(string kind) => Note(() => WatchesStarted++);

    public void WatchEnded(string kind) => Note(() => WatchesEnded++);

    public void Failed(string kind, WatchFailure what) => Note(() => Failures.Add((kind, what)));

    public void Received(string kind, WatchEventType type, int bytes) => Note(() => Frames++);

    public void Unreadable(string kind, UnreadableObject what) => Note(() => Unreadables.Add(what));

    public void BytesRead(string kind, long bytes) => Note(() => Bytes += bytes);

    private void Note(Action note)
    {
        lock (_gate)
        {
            note();
        }
    }

    private HashSet<ObjectReference> Names() =>
        [
            .. State.Pods.Select(static pod => ClusterObject.Of(pod).Reference),
            .. State.Policies.Select(static policy => ClusterObject.Of(policy).Reference),
            .. State.Namespaces.Values.Select(static item => ClusterObject.Of(item).Reference),
            .. State.Nodes.Values.Select(static item => ClusterObject.Of(item).Reference),
        ];
}
