using System.Text.Json;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Writes the fields of a pod that the model has: the rest of metadata, spec and status.</summary>
internal static class PodWriter
{
    // The model does not keep the deletion time of a terminating pod; any time has the same effect.
    private const string DeletionTime = "1970-01-01T00:00:00Z";

    public static void Write(Utf8JsonWriter json, Pod pod)
    {
        if (pod.CreatedAt != 0)
        {
            json.WriteString(
                "creationTimestamp",
                DateTimeOffset.FromUnixTimeSeconds(pod.CreatedAt).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")
            );
        }

        if (pod.Terminating)
        {
            json.WriteString("deletionTimestamp", DeletionTime);
        }

        if (pod.Workload is { } owner)
        {
            json.WriteStartArray("ownerReferences");
            json.WriteStartObject();
            json.WriteString("kind", owner.Kind);
            json.WriteString("name", owner.Name);
            json.WriteBoolean("controller", true);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
        WriteSpec(json, pod);
        WriteStatus(json, pod);
    }

    private static void WriteSpec(Utf8JsonWriter json, Pod pod)
    {
        json.WriteStartObject("spec");
        if (pod.NodeName is not null)
        {
            json.WriteString("nodeName", pod.NodeName);
        }

        if (pod.HostNetwork)
        {
            json.WriteBoolean("hostNetwork", true);
        }

        WriteContainers(json, pod);
        json.WriteEndObject();
    }

    // A name may occur once in a container, so a port with a used name starts another container.
    private static void WriteContainers(Utf8JsonWriter json, Pod pod)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var count = 0;
        json.WriteStartArray("containers");
        Begin();
        foreach (var port in pod.Ports)
        {
            if (port.Name is not null && !names.Add(port.Name))
            {
                json.WriteEndArray();
                json.WriteEndObject();
                Begin();
                names.Clear();
                names.Add(port.Name);
            }

            json.WriteStartObject();
            if (port.Name is not null)
            {
                json.WriteString("name", port.Name);
            }

            json.WriteNumber("containerPort", port.Number);
            json.WriteString("protocol", PolicyWriter.NameOf(port.Protocol));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();

        void Begin()
        {
            json.WriteStartObject();
            json.WriteString("name", $"c{count++}");
            json.WriteStartArray("ports");
        }
    }

    private static void WriteStatus(Utf8JsonWriter json, Pod pod)
    {
        json.WriteStartObject("status");
        json.WriteString("phase", pod.Phase.ToString());
        if (!pod.Addresses.IsEmpty)
        {
            json.WriteString("podIP", pod.Addresses[0].ToString());
            json.WriteStartArray("podIPs");
            foreach (var address in pod.Addresses)
            {
                json.WriteStartObject();
                json.WriteString("ip", address.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
