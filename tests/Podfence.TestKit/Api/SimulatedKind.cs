using System.Text;
using Podfence.Manifests;

namespace Podfence.TestKit;

/// <summary>An object as it is kept: its JSON without the closing brace, with its version in it.</summary>
internal sealed record StoredObject(string Key, byte[] Head, long Version);

/// <summary>A change as it is sent: type, object and version.</summary>
internal sealed record StoredChange(string Type, StoredObject Object);

/// <summary>
/// The objects of one kind, and the changes since the last compaction. Not safe for several threads: the simulator's
/// lock guards it.
/// </summary>
internal sealed class SimulatedKind(string kind, string apiVersion, int bulk)
{
    private readonly List<StoredChange> _changes = [];
    private readonly Dictionary<string, StoredObject[]> _lists = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _listCount;

    public string Kind => kind;

    public string ApiVersion => apiVersion;

    /// <summary>What is there, by key.</summary>
    public SortedDictionary<string, StoredObject> Objects { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>The closing brace of every object, and what comes before it that is of no concern.</summary>
    public byte[] Tail { get; } = MakeTail(bulk);

    /// <summary>Versions up to this are gone.</summary>
    public long CompactedTo { get; private set; }

    /// <summary>The last change that is forgotten.</summary>
    public long LastForgotten { get; private set; }

    /// <summary>Ends with the next change.</summary>
    public Task Changed => _changed.Task;

    public void Put(string key, string json, long version)
    {
        var type = Objects.ContainsKey(key) ? "MODIFIED" : "ADDED";
        var stored = new StoredObject(key, MakeHead(json, version), version);
        Objects[key] = stored;
        Add(new StoredChange(type, stored));
    }

    public bool Remove(string key, long version)
    {
        if (!Objects.Remove(key, out var last))
        {
            return false;
        }

        // The object of a removal has the version of the removal.
        var text = Encoding
            .UTF8.GetString(last.Head)
            .Replace(VersionField(last.Version), VersionField(version), StringComparison.Ordinal);
        Add(new StoredChange("DELETED", last with { Head = Encoding.UTF8.GetBytes(text), Version = version }));
        return true;
    }

    /// <summary>Changes after a version.</summary>
    public List<StoredChange> Since(long version)
    {
        var first = _changes.Count;
        while (first > 0 && _changes[first - 1].Object.Version > version)
        {
            first--;
        }

        return _changes[first..];
    }

    public void Compact(long version)
    {
        LastForgotten = _changes.Count > 0 ? _changes[^1].Object.Version : LastForgotten;
        _changes.Clear();
        _lists.Clear();
        CompactedTo = version;
    }

    /// <summary>Goes back to other objects, as they were at another time.</summary>
    public void Restore(SortedDictionary<string, StoredObject> objects, long version)
    {
        Compact(version);
        LastForgotten = 0;
        Objects = new(objects, StringComparer.Ordinal);
        Wake();
    }

    /// <summary>Keeps what a list is to be continued from.</summary>
    public string Remember(StoredObject[] objects)
    {
        var name = $"{kind}-{++_listCount}";
        _lists[name] = objects;
        return name;
    }

    public StoredObject[]? Recall(string name) => _lists.GetValueOrDefault(name);

    public void Forget(string name) => _lists.Remove(name);

    /// <summary>Ends <see cref="Changed"/>.</summary>
    public void Wake()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private void Add(StoredChange change)
    {
        _changes.Add(change);
        Wake();
    }

    // Versions are not numbers to who asks, so they do not look like numbers.
    public static string Text(long version) => $"v{version:x}";

    private static string VersionField(long version) => $"\"resourceVersion\":\"{Text(version)}\"";

    private static byte[] MakeHead(string json, long version)
    {
        const string Metadata = "\"metadata\":{";
        var at = json.IndexOf(Metadata, StringComparison.Ordinal) + Metadata.Length;
        return Encoding.UTF8.GetBytes($"{json[..at]}{VersionField(version)},{json[at..^1]}");
    }

    // Of the shape that most of a real object has: small maps within maps.
    private static byte[] MakeTail(int bulk)
    {
        var tail = new StringBuilder();
        for (var i = 0; tail.Length < bulk; i++)
        {
            tail.Append(i == 0 ? ",\"managed\":{" : ",")
                .Append(
                    $"\"f:field-{i}\":{{\"f:name\":{{}},\"f:value\":\"some \\\"text\\\" of no "
                        + $"concern\",\"f:number\":{i}}}"
                );
        }

        return Encoding.UTF8.GetBytes(tail.Length > 0 ? tail.Append("}}").ToString() : "}");
    }
}
