using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Podfence.Kubernetes;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Writes a lab's objects to an API server as kubelets and users would, with addresses and phases in the status, and
/// reads back the current objects, which users may have changed.
/// </summary>
internal sealed class ApiObjects(KubeClient client)
{
    private static readonly byte[] s_immediately =
        """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}"""u8.ToArray();
    private static readonly byte[] s_gracefully =
        """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":3600}"""u8.ToArray();

    private long _marks;

    /// <summary>
    /// The newest resource version that was written, by kind. The lab's own server counts versions upwards.
    /// </summary>
    public Dictionary<string, ulong> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>Creates or replaces an object.</summary>
    /// <exception cref="KubeException">The server rejected it.</exception>
    public async Task UpsertAsync(ClusterObject item, CancellationToken cancel)
    {
        var reference = item.Reference;
        var json = Complete(item);
        try
        {
            RecordVersion(
                reference.Kind,
                await client.PostAsync(PathOf(reference with { Name = "" }), Bytes(json), cancel)
            );
        }
        catch (KubeException exists) when (exists.Reason == KubeError.Conflict)
        {
            await ReplaceAsync(reference, json, cancel);
        }

        if (json["status"] is { } status)
        {
            var patch = new JsonObject { ["status"] = status.DeepClone() };
            RecordVersion(
                reference.Kind,
                await client.ChangeAsync(HttpMethod.Patch, $"{PathOf(reference)}/status", Bytes(patch), cancel)
            );
        }

        if (item.Pod is { Terminating: true })
        {
            RecordVersion(
                reference.Kind,
                await client.ChangeAsync(HttpMethod.Delete, PathOf(reference), s_gracefully, cancel)
            );
        }
    }

    /// <summary>Deletes an object if it exists.</summary>
    /// <exception cref="KubeException">The server rejected the request.</exception>
    public async Task RemoveAsync(ObjectReference reference, CancellationToken cancel)
    {
        try
        {
            await client.ChangeAsync(HttpMethod.Delete, PathOf(reference), s_immediately, cancel);
            if (reference.Kind == nameof(Namespace))
            {
                await FinalizeAsync(reference, cancel);
            }
        }
        catch (KubeException gone) when (gone.Reason == KubeError.NotFound)
        {
            return;
        }

        await TouchAsync(reference.Kind, cancel);
    }

    /// <summary>Writes a marker object of each kind that users change.</summary>
    /// <exception cref="KubeException">The server rejected it.</exception>
    public async Task MarkAsync(CancellationToken cancel)
    {
        foreach (var kind in new[] { nameof(Namespace), nameof(Pod), nameof(NetworkPolicy) })
        {
            await TouchAsync(kind, cancel);
        }
    }

    /// <summary>The current objects of every kind that policies depend on.</summary>
    /// <exception cref="KubeException">The server rejected the request.</exception>
    public async Task<IReadOnlyList<ClusterObject>> ReadAsync(CancellationToken cancel)
    {
        var objects = new List<ClusterObject>();
        foreach (var kind in WatchedKind.All)
        {
            using var list = JsonDocument.Parse(await client.GetAsync(kind.Path, cancel));
            foreach (var item in list.RootElement.GetProperty("items").EnumerateArray())
            {
                ApiObjectReader.ReadOfKind(
                    kind.Name,
                    JsonSerializer.SerializeToUtf8Bytes(item, ApiJson.Default.JsonElement),
                    out var read,
                    out _
                );
                if (read is { } known)
                {
                    objects.Add(known);
                }
            }
        }

        return objects;
    }

    /// <summary>
    /// Writes a marker object of the kind. The response to a DELETE has the object's last version, not that of the
    /// deletion, which is only known to be lower than that of a later write.
    /// </summary>
    private async Task TouchAsync(string kind, CancellationToken cancel)
    {
        const string home = "kube-public";
        if (kind == nameof(Namespace))
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["annotations"] = new JsonObject
                    {
                        ["podfence/touched"] = (++_marks).ToString(CultureInfo.InvariantCulture),
                    },
                },
            };
            RecordVersion(
                kind,
                await client.ChangeAsync(
                    HttpMethod.Patch,
                    PathOf(new ObjectReference(kind, null, home)),
                    Bytes(patch),
                    cancel
                )
            );
            return;
        }

        var mark = new ObjectReference(kind, home, "podfence-mark");
        var unused =
            kind == nameof(Pod)
                ? ClusterObject.Of(new Pod { Key = new PodKey(home, mark.Name) })
                : ClusterObject.Of(
                    new NetworkPolicy
                    {
                        Key = new PolicyKey(home, mark.Name),
                        PodSelector = LabelSelector.MatchLabels(("podfence/none", "")),
                    }
                );
        RecordVersion(kind, await client.PostAsync(PathOf(mark with { Name = "" }), Bytes(Complete(unused)), cancel));
        await client.ChangeAsync(HttpMethod.Delete, PathOf(mark), s_immediately, cancel);
    }

    private async Task ReplaceAsync(ObjectReference reference, JsonObject json, CancellationToken cancel)
    {
        try
        {
            RecordVersion(
                reference.Kind,
                await client.ChangeAsync(HttpMethod.Put, PathOf(reference), Bytes(json), cancel)
            );
        }
        catch (KubeException refused) when (reference.Kind == nameof(Pod) && refused.Reason == KubeError.Rejected)
        {
            // Ports and node of a pod are immutable: this is another pod with the same name.
            await client.ChangeAsync(HttpMethod.Delete, PathOf(reference), s_immediately, cancel);
            RecordVersion(
                reference.Kind,
                await client.PostAsync(PathOf(reference with { Name = "" }), Bytes(json), cancel)
            );
        }
    }

    // In a cluster the namespace controller does this when the namespace is empty; the lab has no controllers.
    private async Task FinalizeAsync(ObjectReference reference, CancellationToken cancel)
    {
        var end = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = nameof(Namespace),
            ["metadata"] = new JsonObject { ["name"] = reference.Name },
            ["spec"] = new JsonObject { ["finalizers"] = new JsonArray() },
        };
        await client.ChangeAsync(HttpMethod.Put, $"{PathOf(reference)}/finalize", Bytes(end), cancel);
    }

    /// <summary>The object with the fields that the API server requires and the model does not keep.</summary>
    private static JsonObject Complete(ClusterObject item)
    {
        var json = JsonNode.Parse(ManifestWriter.ToJson(item))!.AsObject();
        var metadata = json["metadata"]!.AsObject();
        metadata.Remove("creationTimestamp");
        metadata.Remove("deletionTimestamp");
        if (item.Pod is { } pod)
        {
            CompletePod(json, pod);
        }
        else if (item.Node is { } node && json["status"]?["addresses"] is JsonArray addresses)
        {
            addresses.Add((JsonNode)new JsonObject { ["type"] = "Hostname", ["address"] = node.Name });
        }

        return json;
    }

    private static void CompletePod(JsonObject json, Pod pod)
    {
        var spec = json["spec"]?.AsObject() ?? [];
        json["spec"] = spec;
        if (spec["containers"] is not JsonArray { Count: > 0 } containers)
        {
            spec["containers"] = containers = new JsonArray(new JsonObject());
        }

        for (var i = 0; i < containers.Count; i++)
        {
            containers[i]!["name"] = $"c{i}";
            containers[i]!["image"] = "none";
        }

        var status = json["status"]?.AsObject() ?? [];
        json["status"] = status;
        status["phase"] = pod.Phase.ToString();
        if (!pod.Addresses.IsEmpty)
        {
            status["podIP"] = pod.Addresses[0].ToString();
        }
    }

    private static string PathOf(ObjectReference reference)
    {
        var collection = reference.Kind switch
        {
            nameof(Pod) => $"/api/v1/namespaces/{reference.Namespace}/pods",
            nameof(Namespace) => "/api/v1/namespaces",
            nameof(Node) => "/api/v1/nodes",
            _ => $"/apis/networking.k8s.io/v1/namespaces/{reference.Namespace}/networkpolicies",
        };
        return reference.Name.Length > 0 ? $"{collection}/{reference.Name}" : collection;
    }

    private static byte[] Bytes(JsonObject json) =>
        JsonSerializer.SerializeToUtf8Bytes(json, ApiJson.Default.JsonObject);

    private void RecordVersion(string kind, byte[] response)
    {
        using var document = JsonDocument.Parse(response);
        if (
            document.RootElement.GetProperty("metadata").TryGetProperty("resourceVersion", out var version)
            && ulong.TryParse(version.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
        {
            // The last version, not the highest: a server restored to an older state continues from there.
            Written[kind] = number;
        }
    }
}
