using System.Text.Json;

namespace Podfence.Kubernetes;

/// <summary>The metadata of a list.</summary>
/// <param name="Version">The list's resourceVersion; null if missing.</param>
/// <param name="Continue">The token of the next page; null on the last page.</param>
internal readonly record struct ListMetadata(string? Version, string? Continue)
{
    public static ListMetadata Read(ReadOnlySpan<byte> metadata)
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
                var text =
                    reader.TokenType == JsonTokenType.String && (isVersion || isNext) ? reader.GetString() : null;
                version = isVersion ? text : version;
                next = isNext ? text : next;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return default;
        }

        return new(string.IsNullOrEmpty(version) ? null : version, string.IsNullOrEmpty(next) ? null : next);
    }
}
