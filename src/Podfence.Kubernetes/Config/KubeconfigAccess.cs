using System.Net;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>Builds the access of one context of a kubeconfig.</summary>
internal static class KubeconfigAccess
{
    public static ClusterAccess Read(KubeconfigFiles files, AccessOptions options)
    {
        var name = options.Context
            ?? files.First("current-context")
            ?? throw new AccessException(
                $"{files.Paths}: current-context: missing (set it, or name a context with --context)"
            );
        var context = files.Find(
            "contexts",
            "context",
            name,
            options.Context is null ? "current-context" : "--context"
        );
        var cluster = files.Find(
            "clusters",
            "cluster",
            context["cluster"].Required("name a cluster"),
            $"context {name}"
        );
        var user = context["user"].Text() is { } userName
            ? files.Find("users", "user", userName, $"context {name}")
            : default(ConfigNode?);

        var server = ReadServer(cluster["server"]);
        var access = new ClusterAccess(
            server,
            user is { } given ? ReadUser(given, cluster, options) : new UserCredentials(),
            $"context {name} of {files.Paths}"
        )
        {
            Namespace = context["namespace"].Text(),
            TlsServerName = cluster["tls-server-name"].Text(),
            SkipTlsVerify = cluster["insecure-skip-tls-verify"].Flag(),
            Authorities = Pem(cluster, "certificate-authority"),
            Proxy = ReadProxy(cluster["proxy-url"]) ?? EnvironmentProxy.For(server, options.Environment),
        };
        if (access.SkipTlsVerify && access.Authorities is not null)
        {
            throw cluster["insecure-skip-tls-verify"]
                .Error("conflicts with certificate-authority", "remove this, or certificate-authority");
        }

        access.Authorities?.ReadPem("CERTIFICATE");
        return access;
    }

    private static Uri ReadServer(ConfigNode field)
    {
        var text = field.Required("write the API server's address, as in https://10.0.0.1:6443");
        var stated = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(stated, UriKind.Absolute, out var server) && server.Scheme is "https" or "http"
            ? server
            : throw field.Error("not the address of an API server", "write it as https://10.0.0.1:6443");
    }

    private static WebProxy? ReadProxy(ConfigNode field)
    {
        if (field.Text() is not { } text)
        {
            return null;
        }

        // The address may contain a password, so no message shows it.
        return EnvironmentProxy.Parse(text)
            ?? throw field.Error(
                "not the address of a proxy",
                "write http://, https:// or socks5://, a host and a port"
            );
    }

    private static CredentialSource ReadUser(ConfigNode user, ConfigNode cluster, AccessOptions options)
    {
        Reject(user, "auth-provider", "auth providers were removed from Kubernetes", "use an exec plugin");
        Reject(user, "as", "impersonation is not supported", "give the user credentials of its own");
        Reject(user, "as-groups", "impersonation is not supported", "give the user credentials of its own");
        var credentials = new UserCredentials
        {
            Token = ReadToken(user),
            Username = user["username"].Text(),
            Password = user["password"].Text(),
            Certificate = Pem(user, "client-certificate"),
            Key = Pem(user, "client-key"),
        };
        if (credentials.Certificate is null != credentials.Key is null)
        {
            throw user[credentials.Key is null ? "client-key" : "client-certificate"]
                .Error("missing", "a client certificate needs its key, and a key its certificate");
        }

        if (!user["exec"].IsPresent)
        {
            return credentials;
        }

        // As in kubectl, a token or a password takes precedence over the plugin.
        return credentials is { Token: null, Username: null, Certificate: null }
            ? new ExecPlugin(ExecSettings.Read(user["exec"], cluster), options.Time)
            : credentials;
    }

    private static TextSource? ReadToken(ConfigNode user)
    {
        if (user["tokenFile"].Text() is { } file)
        {
            return TextSource.OfFile(Resolve(user, file), user["tokenFile"].Place);
        }

        return user["token"].Text() is { } token ? TextSource.OfValue(token) : null;
    }

    private static PemSource? Pem(ConfigNode map, string field)
    {
        var data = map[field + "-data"];
        if (data.Text() is { } text)
        {
            try
            {
                return PemSource.OfPem(Convert.FromBase64String(text), data.Place);
            }
            catch (FormatException)
            {
                throw data.Error("not base64", "encode the PEM file with `base64 -w0`");
            }
        }

        return map[field].Text() is { } file ? PemSource.OfPemFile(Resolve(map, file), map[field].Place) : null;
    }

    private static void Reject(ConfigNode map, string field, string problem, string remedy)
    {
        if (map[field].IsPresent)
        {
            throw map[field].Error(problem, remedy);
        }
    }

    private static string Resolve(ConfigNode node, string file) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(node.File))!, file);
}
