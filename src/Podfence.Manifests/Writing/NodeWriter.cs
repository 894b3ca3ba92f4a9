using System.Text.Json;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Writes the fields of a node that the model has: spec and status.</summary>
internal static class NodeWriter
{
    public static void Write(Utf8JsonWriter json, Node node)
    {
        json.WriteStartObject("spec");
        json.WriteStartArray("podCIDRs");
        foreach (var cidr in node.PodCidrs)
        {
            json.WriteStringValue(cidr.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("status");
        json.WriteStartArray("addresses");
        foreach (var address in node.Addresses)
        {
            json.WriteStartObject();
            json.WriteString("type", "InternalIP");
            json.WriteString("address", address.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
