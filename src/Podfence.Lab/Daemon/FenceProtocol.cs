using System.Buffers;
using System.Text.Json;
using System.Text;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// What a lab's daemon and the fence of a node say to each other, one JSON object per line.
/// To the fence, on its standard input: <c>{"upsert":{…a Kubernetes object…}}</c>, <c>{"remove":{"kind":…,"namespace":…,"name":…}}</c>, <c>{"barrier":N}</c>.
/// From the fence, on its standard output: <c>{"applied":N}</c> when all that came before the barrier is in the kernel, <c>{"error":"…"}</c> at any time,
/// with <c>"needsHelp":true</c> where trying again will not do.
/// The first barrier says that everything there is has been told. At the end of its input the fence exits and leaves the kernel as it is.
/// </summary>
public abstract record FenceMessage
{
    /// <summary>The line, without its end.</summary>
    public string ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a line of either direction.</summary>
    /// <exception cref="LabException">The line is no message; an unreadable object of a message is one too.</exception>
    public static FenceMessage Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.TryGetProperty("upsert", out var item))
            {
                var faults = ApiObjectReader.ReadSelfDescribing(Encoding.UTF8.GetBytes(item.GetRawText()), out var read);
                return read is { } known ? new FenceUpsert(known) : throw Unknown(line, string.Join("; ", faults));
            }

            if (root.TryGetProperty("remove", out var removed))
            {
                var @namespace = removed.TryGetProperty("namespace", out var scope) ? scope.GetString() : null;
                return new FenceRemove(new ObjectReference(removed.GetProperty("kind").GetString()!, @namespace, removed.GetProperty("name").GetString()!));
            }

            return root.TryGetProperty("barrier", out var barrier) ? new FenceBarrier(barrier.GetInt64())
                : root.TryGetProperty("applied", out var applied) ? new FenceApplied(applied.GetInt64())
                : root.TryGetProperty("error", out var error) ? new FenceError(error.GetString() ?? "", root.TryGetProperty("needsHelp", out var help) && help.GetBoolean())
                : throw Unknown(line, "no known property");
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Unknown(line, fault.Message);
        }
    }

    private protected abstract void Write(Utf8JsonWriter json);

    private static LabException Unknown(string line, string why) =>
        new(LabError.Protocol, $"not a message of the fence protocol ({why}): {(line.Length > 200 ? line[..200] : line)}");
}

/// <summary>To the fence: an object is as given.</summary>
/// <param name="Item">The object.</param>
public sealed record FenceUpsert(ClusterObject Item) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json)
    {
        json.WritePropertyName("upsert");
        json.WriteRawValue(ManifestWriter.ToJson(Item));
    }
}

/// <summary>To the fence: an object is gone.</summary>
/// <param name="Reference">Its kind and name.</param>
public sealed record FenceRemove(ObjectReference Reference) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("remove");
        json.WriteString("kind", Reference.Kind);
        if (Reference.Namespace is not null)
        {
            json.WriteString("namespace", Reference.Namespace);
        }

        json.WriteString("name", Reference.Name);
        json.WriteEndObject();
    }
}

/// <summary>To the fence: tell when all that came before is in the kernel.</summary>
/// <param name="Number">Grows from barrier to barrier.</param>
public sealed record FenceBarrier(long Number) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json) => json.WriteNumber("barrier", Number);
}

/// <summary>From the fence: all that came before the barrier is in the kernel.</summary>
/// <param name="Number">The barrier's number.</param>
public sealed record FenceApplied(long Number) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json) => json.WriteNumber("applied", Number);
}

/// <summary>From the fence: something went wrong; it goes on trying.</summary>
/// <param name="Message">For people.</param>
/// <param name="NeedsHelp">Whether it cannot go away by itself, so that there is no use in waiting.</param>
public sealed record FenceError(string Message, bool NeedsHelp = false) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("error", Message);
        if (NeedsHelp)
        {
            json.WriteBoolean("needsHelp", value: true);
        }
    }
}
