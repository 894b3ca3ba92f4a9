using System.Text.Json;

namespace Podfence.Kubernetes;

/// <summary>What a list says of itself.</summary>
internal static class ListMetadata
{
    /// <summary>The version of the list, and where its next page begins; null where it states none.</summary>
    public static (string? Version, string? Next) Read(ReadOnlySpan<byte> metadata)
    {
        string? version = null;
        string? next = null;
        try
        {
            var reader = new Utf8JsonReader(metadata);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isVersion = reader.ValueTextEquals("resourceVersion"u8);
                var isNext = reader.ValueTextEquals("continue"u8);
                reader.Read();
                var text = reader.TokenType == JsonTokenType.String && (isVersion || isNext) ? reader.GetString() : null;
                version = isVersion ? text : version;
                next = isNext ? text : next;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return (null, null);
        }

        return (string.IsNullOrEmpty(version) ? null : version, string.IsNullOrEmpty(next) ? null : next);
    }
}
