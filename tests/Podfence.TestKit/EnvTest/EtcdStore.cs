using System.Text;
using System.Text.Json;
using Podfence.Lab;

namespace Podfence.TestKit;

/// <summary>What tests do to the store behind an API server.</summary>
public static class EtcdStore
{
    /// <summary>Makes it forget all changes so far.</summary>
    public static async Task CompactAsync(ControlPlane control, CancellationToken cancellationToken)
    {
        // Without a token: etcd refuses who shows one that is not its own.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = control.Etcd };
        using var status = JsonDocument.Parse(
            await AskAsync(http, "v3/maintenance/status", "{}", cancellationToken).ConfigureAwait(false)
        );
        var revision = status.RootElement.GetProperty("header").GetProperty("revision").GetString();
        await AskAsync(http, "v3/kv/compaction", $$"""{"revision":"{{revision}}","physical":true}""", cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Copies its data, which is to be touched only while it is stopped.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task<string> AskAsync(
        HttpClient http,
        string path,
        string json,
        CancellationToken cancellationToken
    )
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken)
            .ConfigureAwait(false);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode
            ? body
            : throw new HttpRequestException($"{path}: {(int)answer.StatusCode}: {body}", null, answer.StatusCode);
    }
}
