using System.Net;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// The proxy of the environment, by the ecosystem's rules: HTTPS_PROXY or HTTP_PROXY by the server's scheme; NO_PROXY
/// with hosts, domains, addresses and CIDRs (the runtime's own implementation has no CIDRs); no proxy to loopback.
/// </summary>
/// <remarks>https://pkg.go.dev/golang.org/x/net/http/httpproxy</remarks>
internal static class EnvironmentProxy
{
    /// <summary>The proxy to a server; null for a direct connection.</summary>
    /// <exception cref="AccessException">The variable does not contain an address.</exception>
    public static WebProxy? For(Uri server, Func<string, string?> environment)
    {
        var name = server.Scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY";
        if (Either(name) is not { } text || IsExcepted(server, Either("NO_PROXY") ?? ""))
        {
            return null;
        }

        return Parse(text)
            ?? throw new AccessException(
                $"{name}: not the address of a proxy (write http://, https:// or socks5://, "
                    + "a host and a port; or unset it)"
            );

        string? Either(string variable) =>
            NotEmpty(environment(variable)) ?? NotEmpty(environment(variable.ToLowerInvariant()));
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Parses the address of a proxy, with or without a user; null if it is invalid.</summary>
    public static WebProxy? Parse(string text)
    {
        var stated = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (
            !Uri.TryCreate(stated, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https" or "socks5" or "socks5h")
            || address.Host.Length == 0
        )
        {
            return null;
        }

        // The runtime's socks5 resolves names at the proxy, which is what socks5h asks for.
        var scheme = address.Scheme == "socks5h" ? "socks5" : address.Scheme;
        var proxy = new WebProxy(new UriBuilder(scheme, address.Host, address.Port > 0 ? address.Port : 1080).Uri);
        if (address.UserInfo.Length > 0)
        {
            var parts = address.UserInfo.Split(':', 2);
            proxy.Credentials = new NetworkCredential(
                Uri.UnescapeDataString(parts[0]),
                parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : ""
            );
        }

        return proxy;
    }

    private static bool IsExcepted(Uri server, string exceptions)
    {
        var host = server.IdnHost;
        if (server.IsLoopback)
        {
            return true;
        }

        var isAddress = IpText.TryParseLegacy(host, out IpAddress address);
        const StringSplitOptions Options = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var entry in exceptions.Split(',', Options))
        {
            if (entry == "*" || (IpText.TryParseLegacy(entry, out Cidr block) && isAddress && block.Contains(address)))
            {
                return true;
            }

            var name = entry;
            if (
                entry.LastIndexOf(':') is > 0 and var colon
                && int.TryParse(entry.AsSpan(colon + 1), out var port)
                && entry.IndexOf(':') == colon
            )
            {
                if (port != server.Port)
                {
                    continue;
                }

                name = entry[..colon];
            }

            name = name.TrimStart('*');
            var isDomain = name.StartsWith('.');
            if (
                host.EndsWith(isDomain ? name : "." + name, StringComparison.OrdinalIgnoreCase)
                || (!isDomain && host.Equals(name, StringComparison.OrdinalIgnoreCase))
            )
            {
                return true;
            }
        }

        return false;
    }
}
