using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Agent;

/// <summary>
/// Posts events on policies to the API server (core/v1 Event), for <c>kubectl events --for networkpolicy/NAME</c>.
/// </summary>
internal sealed class ApiEventPoster(KubeClient client, string node, TimeProvider time)
{
    /// <summary>
    /// Posts one event. The same event of several nodes has the same name, so that only the first of them is stored.
    /// </summary>
    /// <returns>Null, or why the server rejected it.</returns>
    public async Task<string?> PostAsync(PolicyEvent what, CancellationToken cancellationToken)
    {
        try
        {
            var uid = await FindUidAsync(what.Policy, cancellationToken).ConfigureAwait(false);
            var path = $"/api/v1/namespaces/{Uri.EscapeDataString(what.Policy.Namespace)}/events";
            await client.PostAsync(path, Write(what, uid), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (KubeException failure)
        {
            return failure.Reason == KubeError.Conflict ? null : failure.Message;
        }
    }

    /// <summary>The event as JSON.</summary>
    internal byte[] Write(PolicyEvent what, string? uid)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", "v1");
            json.WriteString("kind", "Event");
            json.WriteStartObject("metadata");
            json.WriteString("name", NameOf(what, uid));
            json.WriteString("namespace", what.Policy.Namespace);
            json.WriteEndObject();
            json.WriteStartObject("involvedObject");
            json.WriteString("apiVersion", "networking.k8s.io/v1");
            json.WriteString("kind", nameof(NetworkPolicy));
            json.WriteString("namespace", what.Policy.Namespace);
            json.WriteString("name", what.Policy.Name);
            if (uid is not null)
            {
                json.WriteString("uid", uid);
            }

            json.WriteEndObject();
            json.WriteString("reason", what.Reason.ToString());
            json.WriteString("message", what.Message);
            json.WriteString("type", "Warning");
            json.WriteStartObject("source");
            json.WriteString("component", "podfence");
            json.WriteString("host", node);
            json.WriteEndObject();
            json.WriteString("firstTimestamp", now);
            json.WriteString("lastTimestamp", now);
            json.WriteNumber("count", 1);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    // A policy's name may have 253 characters, and so may an event's.
    private static string NameOf(PolicyEvent what, string? uid)
    {
        var hash = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{uid}\n{what.Reason}\n{what.Message}")).AsSpan(0, 8)
        );
        var name = what.Policy.Name;
        return $"{(name.Length > 230 ? name[..230].TrimEnd('.', '-') : name)}.{hash}";
    }

    // Clients select events by the uid, which the model does not keep. A list of one needs no further permission.
    private async Task<string?> FindUidAsync(PolicyKey policy, CancellationToken cancellationToken)
    {
        var policies =
            $"/apis/networking.k8s.io/v1/namespaces/{Uri.EscapeDataString(policy.Namespace)}/networkpolicies";
        var path = $"{policies}?fieldSelector=metadata.name%3D{Uri.EscapeDataString(policy.Name)}";
        var response = await client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        using var list = JsonDocument.Parse(response);
        return
            list.RootElement.TryGetProperty("items", out var items)
            && items.ValueKind == JsonValueKind.Array
            && items.GetArrayLength() > 0
            && items[0].TryGetProperty("metadata", out var metadata)
            && metadata.TryGetProperty("uid", out var uid)
            ? uid.GetString()
            : null;
    }
}
