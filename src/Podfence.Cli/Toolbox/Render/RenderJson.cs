using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>A node's rules for programs. Members are added, not renamed.</summary>
internal static class RenderJson
{
    // The output is never embedded in HTML, so names stay readable.
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(RenderQuestion question, RenderedNode node, Action<Utf8JsonWriter> rules)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("node", node.Node);
            writer.WriteString("pod", node.Pod?.ToString());
            writer.WriteString("dataplane", new EnumWord<Dataplane.DataplaneKind>(question.Dataplane).ToString());
            Write(writer, "withoutIp", node.Input.WithoutIp);
            Write(writer, "withoutNode", node.Input.WithoutNode);
            Write(writer, "placeholderIp", node.Input.PlaceholderIp);
            Write(writer, "assignedNode", node.Input.AssignedNode);
            rules(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>The table of nftables.</summary>
    public static void Write(Utf8JsonWriter writer, NftTable table, RenderNotes notes)
    {
        writer.WriteStartObject("nftables");
        writer.WriteString("table", "inet podfence");
        writer.WriteStartArray("sets");
        foreach (
            var (set, elements) in table.Sets.Values.OrderBy(static content => content.Set.Name, StringComparer.Ordinal)
        )
        {
            writer.WriteStartObject();
            writer.WriteString("name", set.Name);
            writer.WriteString("type", NftText.Type(set));
            writer.WriteBoolean("interval", set.Key is NftKey.AddressRange or NftKey.PortRange);
            writer.WriteString("comment", NftComment.Cut(set.Comment));
            writer.WriteStartArray("elements");
            foreach (
                var element in elements.OrderBy(static element => element.Key).ThenBy(static element => element.Ports)
            )
            {
                writer.WriteStartObject();
                writer.WriteString("key", NftText.Key(set, element));
                writer.WriteString("verdict", element.Verdict?.ToString());
                writer.WriteString("comment", NftComment.Cut(element.Comment));
                Write(writer, notes, element);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("chains");
        foreach (
            var chain in table
                .Chains.Values.OrderBy(static chain => chain.Hook is null)
                .ThenBy(static chain => chain.Name, StringComparer.Ordinal)
        )
        {
            writer.WriteStartObject();
            writer.WriteString("name", chain.Name);
            writer.WriteString("hook", chain.Hook?.Point.ToString().ToLowerInvariant());
            if (chain.Hook is { } hook)
            {
                writer.WriteNumber("priority", hook.Priority);
            }

            writer.WriteString("comment", NftComment.Cut(chain.Comment));
            Write(writer, notes, chain.Rules.Select(static rule => ((object)rule, NftText.Print(rule))));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The sets of ipset and the chains of both tables.</summary>
    public static void Write(Utf8JsonWriter writer, IptRuleset rules, RenderNotes notes)
    {
        writer.WriteStartArray("ipset");
        foreach (
            var (set, elements) in rules.Sets.Values.OrderBy(static content => content.Set.Name, StringComparer.Ordinal)
        )
        {
            writer.WriteStartObject();
            writer.WriteString("name", set.Name);
            writer.WriteString("type", set.Header);
            writer.WriteStartArray("elements");
            foreach (var element in elements.Order())
            {
                writer.WriteStartObject();
                writer.WriteString("key", element.Key);
                writer.WriteString("comment", element.Comment);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        foreach (var (family, chains) in rules.Chains.OrderBy(static table => table.Key))
        {
            writer.WriteStartObject(family == IpFamily.IPv4 ? "iptables" : "ip6tables");
            writer.WriteStartArray("jumps");
            foreach (var jump in rules.Jumps)
            {
                writer.WriteStartObject();
                writer.WriteString("chain", jump.Hook);
                writer.WriteString("rule", jump.Line);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("chains");
            foreach (var chain in chains.Values.OrderBy(static chain => chain.Name, StringComparer.Ordinal))
            {
                writer.WriteStartObject();
                writer.WriteString("name", chain.Name);
                Write(
                    writer,
                    notes,
                    chain.Rules.Select(static rule => ((object)rule, rule.Lines(SetView.Plain).Single()))
                );
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<PodKey> pods)
    {
        writer.WriteStartArray(name);
        foreach (var pod in pods)
        {
            writer.WriteStringValue(pod.ToString());
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, RenderNotes notes, IEnumerable<(object Made, string Text)> rules)
    {
        writer.WriteStartArray("rules");
        foreach (var (made, text) in rules)
        {
            writer.WriteStartObject();
            writer.WriteString("rule", text);
            Write(writer, notes, made);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, RenderNotes notes, object made)
    {
        if (notes.Lines(made) is not { Count: > 0 } lines)
        {
            return;
        }

        writer.WriteStartArray("from");
        foreach (var line in lines)
        {
            writer.WriteStartObject();
            writer.WriteString("policy", line.Policy.ToString());
            writer.WriteString("field", line.Field);
            writer.WriteString("file", line.Location.File);
            writer.WriteNumber("line", line.Location.Line);
            writer.WriteString("text", line.Text);
            writer.WriteString("ports", line.Ports);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
