using System.Buffers;
using System.Text;
using System.Text.Json;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// The messages between a lab daemon and a node's fence process, one JSON object per line.
/// To the fence, on its standard input: <c>{"upsert":{…a Kubernetes object…}}</c>,
/// <c>{"remove":{"kind":…,"namespace":…,"name":…}}</c>, <c>{"syncPoint":N}</c>.
/// From the fence, on its standard output: <c>{"applied":N}</c> when everything before the sync point is in the kernel,
/// <c>{"error":"…"}</c> at any time, with <c>"needsHelp":true</c> if a retry cannot succeed.
/// All existing objects are sent before the first sync point. The fence exits at the end of its input; its rules stay
/// in the kernel.
/// </summary>
public abstract record FenceMessage
{
    /// <summary>The line, without the line end.</summary>
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
    /// <exception cref="LabException">The line is not a message, or its object cannot be read.</exception>
    public static FenceMessage Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.TryGetProperty("upsert", out var item))
            {
                var json = Encoding.UTF8.GetBytes(item.GetRawText());
                var faults = ApiObjectReader.ReadSelfDescribing(json, out var read);
                return read is { } known ? new FenceUpsert(known) : throw Unknown(line, string.Join("; ", faults));
            }

            if (root.TryGetProperty("remove", out var removed))
            {
                var @namespace = removed.TryGetProperty("namespace", out var scope) ? scope.GetString() : null;
                return new FenceRemove(
                    new ObjectReference(
                        removed.GetProperty("kind").GetString()!,
                        @namespace,
                        removed.GetProperty("name").GetString()!
                    )
                );
            }

            return root.TryGetProperty("syncPoint", out var point) ? new FenceSyncPoint(point.GetInt64())
                : root.TryGetProperty("applied", out var applied) ? new FenceApplied(applied.GetInt64())
                : root.TryGetProperty("error", out var error)
                    ? new FenceError(
                        error.GetString() ?? "",
                        root.TryGetProperty("needsHelp", out var help) && help.GetBoolean()
                    )
                : throw Unknown(line, "no known property");
        }
        catch (Exception fault)
            when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Unknown(line, fault.Message);
        }
    }

    private protected abstract void Write(Utf8JsonWriter json);

    private static LabException Unknown(string line, string why) =>
        new(
            LabError.Protocol,
            $"not a message of the fence protocol ({why}): {(line.Length > 200 ? line[..200] : line)}"
        );
}

/// <summary>To the fence: an object was added or changed.</summary>
/// <param name="Item">The object.</param>
public sealed record FenceUpsert(ClusterObject Item) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json)
    {
        json.WritePropertyName("upsert");
        json.WriteRawValue(ManifestWriter.ToJson(Item));
    }
}

/// <summary>To the fence: an object was removed.</summary>
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

/// <summary>To the fence: confirm when everything sent before is in the kernel.</summary>
/// <param name="Number">Increases with every sync point.</param>
public sealed record FenceSyncPoint(long Number) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json) => json.WriteNumber("syncPoint", Number);
}

/// <summary>From the fence: everything sent before the sync point is in the kernel.</summary>
/// <param name="Number">The number of the sync point.</param>
public sealed record FenceApplied(long Number) : FenceMessage
{
    private protected override void Write(Utf8JsonWriter json) => json.WriteNumber("applied", Number);
}

/// <summary>From the fence: an error; the fence keeps retrying.</summary>
/// <param name="Message">The error message.</param>
/// <param name="NeedsHelp">Whether a retry cannot succeed, so that there is no point in waiting.</param>
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
