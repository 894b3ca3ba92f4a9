using System.Globalization;
using System.Net;
using System.Text;
using Podfence.Manifests;

namespace Podfence.Kubernetes;

/// <summary>
/// Converts the API's Status objects to failures: the body of an error response, or the object of a watch's ERROR
/// event.
/// </summary>
internal static class StatusReader
{
    // A longer body is a web page of a proxy.
    private const int MaxText = 300;

    /// <summary>The failure that a Status describes.</summary>
    /// <param name="code">The HTTP status; if null, the object's own.</param>
    /// <param name="body">The object, or anything else.</param>
    /// <param name="what">The request, for the message.</param>
    /// <param name="retryAfter">The Retry-After header.</param>
    public static KubeException Read(HttpStatusCode? code, ReadOnlySpan<byte> body, string what, TimeSpan? retryAfter)
    {
        var root = JsonDocuments.Read(body, positions: false) is [{ Root: TreeMap map }] ? map : null;
        var status = (int?)code ?? Number(root, "code") ?? 500;
        var reason = Text(root, "reason");
        var message = Text(root, "message") ?? (root is null ? Plain(body) : "no message");
        var details = root?["details"] as TreeMap;
        var isAhead =
            (details?["causes"] as TreeList)?.Items.Exists(static cause =>
                Text(cause as TreeMap, "reason") == "ResourceVersionTooLarge"
            ) == true
            || message.StartsWith("Too large resource version", StringComparison.Ordinal);
        retryAfter ??= Number(details, "retryAfterSeconds") is { } seconds and > 0
            ? TimeSpan.FromSeconds(seconds)
            : null;
        return new KubeException(
            isAhead ? KubeError.VersionTooLarge : Reason(status, reason),
            $"{what}: {status} {reason}: {message}"
        )
        {
            Status = (HttpStatusCode)status,
            RetryAfter = retryAfter,
        };
    }

    private static KubeError Reason(int status, string? reason) =>
        (status, reason) switch
        {
            (_, "Expired" or "Gone") or (410, _) => KubeError.Gone,
            (401, _) => KubeError.Unauthorized,
            (403, _) => KubeError.Forbidden,
            (404, _) => KubeError.NotFound,
            (408 or 504, _) => KubeError.Timeout,
            (409, _) => KubeError.Conflict,
            (429, _) => KubeError.TooManyRequests,
            (>= 400 and < 500, _) => KubeError.Rejected,
            (>= 500, _) => KubeError.ServerError,
            _ => KubeError.InvalidResponse,
        };

    private static string? Text(TreeMap? map, string key) =>
        map?[key] is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : null;

    private static int? Number(TreeMap? map, string key) =>
        map?[key] is TreeScalar { Kind: ScalarKind.Integer } scalar
        && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static string Plain(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxText)]).ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? "no message" : text;
    }
}
