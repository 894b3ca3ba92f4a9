using System.Buffers;
using System.Text;
using System.Text.Json;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>How a kubeconfig asks for a credential plugin to be run.</summary>
/// <remarks>
/// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
/// </remarks>
internal sealed class ExecSettings
{
    private static readonly string[] s_versions =
    [
        "client.authentication.k8s.io/v1",
        "client.authentication.k8s.io/v1beta1",
    ];

    public required string ApiVersion { get; init; }

    /// <summary>A program on the PATH, or a path.</summary>
    public required string Command { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Variables in addition to the inherited ones. Their values may be secrets.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>The kubeconfig's hint for users without the program.</summary>
    public string? InstallHint { get; init; }

    /// <summary>The content of KUBERNETES_EXEC_INFO.</summary>
    public required string ExecInfo { get; init; }

    /// <summary>The field, for messages.</summary>
    public required string Place { get; init; }

    public static ExecSettings Read(ConfigNode exec, ConfigNode cluster)
    {
        var version = exec["apiVersion"].Required($"write {s_versions[0]}");
        if (!s_versions.Contains(version, StringComparer.Ordinal))
        {
            throw exec["apiVersion"]
                .Error($"{version} is not supported", $"use a plugin that supports {string.Join(" or ", s_versions)}");
        }

        if (exec["interactiveMode"].Text() == "Always")
        {
            throw exec["interactiveMode"]
                .Error(
                    "the plugin cannot prompt here",
                    "use IfAvailable or Never, with credentials that need no questions"
                );
        }

        var command = exec["command"].Required("write the plugin's program");
        return new ExecSettings
        {
            ApiVersion = version,
            Command = command.Contains('/', StringComparison.Ordinal)
                ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(exec.File))!, command)
                : command,
            Arguments = [.. exec["args"].Items().Select(static item => item.Text() ?? "")],
            Environment = [.. exec["env"].Items().Select(ReadVariable)],
            InstallHint = exec["installHint"].Text(),
            ExecInfo = WriteInfo(version, exec["provideClusterInfo"].Flag() ? cluster : null),
            Place = exec.Place,
        };
    }

    private static KeyValuePair<string, string> ReadVariable(ConfigNode item) =>
        KeyValuePair.Create(item["name"].Required("name the variable"), item["value"].Text() ?? "");

    private static string WriteInfo(string version, ConfigNode? cluster)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kind", "ExecCredential");
            json.WriteString("apiVersion", version);
            json.WriteStartObject("spec");
            if (cluster is { } known)
            {
                json.WriteStartObject("cluster");
                WriteCluster(json, known);
                json.WriteEndObject();
            }

            json.WriteBoolean("interactive", false);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteCluster(Utf8JsonWriter json, ConfigNode cluster)
    {
        foreach (var field in new[] { "server", "tls-server-name", "proxy-url" })
        {
            if (cluster[field].Text() is { } text)
            {
                json.WriteString(field, text);
            }
        }

        if (cluster["insecure-skip-tls-verify"].Flag())
        {
            json.WriteBoolean("insecure-skip-tls-verify", true);
        }

        // The plugin gets the authorities themselves, also if they are in a file.
        if (cluster["certificate-authority-data"].Text() is { } data)
        {
            json.WriteString("certificate-authority-data", data);
        }
        else if (cluster["certificate-authority"].Text() is { } file)
        {
            var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(cluster.File))!, file);
            json.WriteBase64String(
                "certificate-authority-data",
                PemSource.OfPemFile(path, cluster["certificate-authority"].Place).ReadBytes()
            );
        }

        var settings = cluster["extensions"].Named("client.authentication.k8s.io/exec", "extension");
        if (settings.IsPresent)
        {
            json.WritePropertyName("config");
            WriteTree(json, settings.Node!);
        }
    }

    private static void WriteTree(Utf8JsonWriter json, TreeNode node)
    {
        switch (node)
        {
            case TreeMap map:
                json.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    json.WritePropertyName(entry.Key);
                    WriteTree(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case TreeList list:
                json.WriteStartArray();
                list.Items.ForEach(item => WriteTree(json, item));
                json.WriteEndArray();
                break;
            case TreeScalar { Kind: ScalarKind.Null }:
                json.WriteNullValue();
                break;
            case TreeScalar { Kind: ScalarKind.Bool } scalar:
                json.WriteBooleanValue(YamlScalar.IsTrue(scalar.Text));
                break;
            case TreeScalar { Kind: ScalarKind.Integer } scalar when YamlScalar.TryInteger(scalar.Text, out var number):
                json.WriteNumberValue((long)number);
                break;
            case TreeScalar scalar:
                json.WriteStringValue(scalar.Text);
                break;
        }
    }
}
