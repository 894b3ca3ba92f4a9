using System.Globalization;
using System.Text;
using Podfence.Base;
using Podfence.Manifests;

namespace Podfence.Kubernetes;

/// <summary>
/// Credentials of an exec plugin: a program that prints them. It runs when there are none yet, when they have expired
/// and when the server has rejected them, one run at a time. It has no input, so that it cannot prompt; its output is
/// never shown.
/// </summary>
internal sealed class ExecPlugin(ExecSettings settings, TimeProvider time) : CredentialSource, IDisposable
{
    // A plugin may sign in to a cloud over a slow line; after this time it hangs.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    // A token with its certificates is a few kilobytes.
    private const int MaxOutputBytes = 1 << 20;
    private readonly SemaphoreSlim _gate = new(1);
    private Credential? _last;
    private DateTimeOffset? _expires;
    private int _runs;

    /// <inheritdoc/>
    public override async ValueTask<Credential> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        // Several requests are rejected at once when a token expires: the first runs the plugin, the others use its
        // result.
        var seen = Volatile.Read(ref _runs);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var isStale = refresh && seen == _runs;
            if (_last is null || isStale || _expires <= time.GetUtcNow())
            {
                (_last, _expires) = Parse(await RunAsync(cancellationToken).ConfigureAwait(false));
                _runs++;
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task<byte[]> RunAsync(CancellationToken cancellationToken)
    {
        var path = ProgramPath.Find(settings.Command, Environment.GetEnvironmentVariable("PATH"))
            ?? throw Error(
                "not found on the PATH (the current folder is not searched)",
                settings.InstallHint ?? "install it, or correct command"
            );
        try
        {
            var request = new ProgramRequest(path, settings.Arguments)
            {
                InheritsEnvironment = true,
                Environment = [KeyValuePair.Create("KUBERNETES_EXEC_INFO", settings.ExecInfo), .. settings.Environment],
                Timeout = s_timeout,
                MaxOutputBytes = MaxOutputBytes,
            };
            var result = await ProgramRunner.RunAsync(request, time, cancellationToken).ConfigureAwait(false);
            return result.ExitCode == 0
                ? result.Output
                : throw Error($"ended with {result.ExitCode}{LastLine(result.ErrorText)}", "run it by hand");
        }
        catch (ProgramException fault)
        {
            throw fault.Failure == ProgramFailure.CannotStart
                ? Error($"cannot be run: {fault.Message}", settings.InstallHint ?? "install it, or correct command")
                : Error(fault.Message, "run it by hand; it cannot prompt here");
        }
    }

    private (Credential Credential, DateTimeOffset? Expires) Parse(byte[] output)
    {
        var documents = JsonDocuments.Read(output, positions: false);
        if (documents is not [{ Root: TreeMap root }])
        {
            throw Error("did not print an ExecCredential", "run it by hand: it has to print one JSON object");
        }

        var at = new ConfigNode(root, $"{settings.Place}: output of {settings.Command}", "");
        if (at["kind"].Text() != "ExecCredential" || at["apiVersion"].Text() != settings.ApiVersion)
        {
            throw Error(
                $"printed another kind or version than ExecCredential of {settings.ApiVersion}",
                "set apiVersion to the version that the plugin supports"
            );
        }

        var status = at["status"];
        var token = status["token"].Text();
        var certificate = status["clientCertificateData"].Text();
        var key = status["clientKeyData"].Text();
        if (certificate is null != key is null || (token is null && certificate is null))
        {
            throw Error("printed neither a token nor a certificate with its key", "run it by hand");
        }

        var credential = new Credential(
            token is null ? null : "Bearer " + token,
            certificate is null ? null : Encoding.UTF8.GetBytes(certificate),
            key is null ? null : Encoding.UTF8.GetBytes(key)
        );
        return (credential, ReadExpiry(status["expirationTimestamp"]));
    }

    private static DateTimeOffset? ReadExpiry(ConfigNode field)
    {
        if (field.Text() is not { } text)
        {
            return null;
        }

        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var expires
        )
            ? expires
            : throw field.Error("not a time", "the plugin has to write it as 2026-01-31T12:00:00Z");
    }

    // Plugins print many lines; the last one names the problem.
    private static string LastLine(string errors)
    {
        var text = errors.TrimEnd();
        var line = text[(text.LastIndexOf('\n') + 1)..].Trim();
        return line.Length == 0 ? "" : $": {(line.Length > 300 ? line[..300] : line)}";
    }

    private AccessException Error(string problem, string remedy) =>
        AccessException.At(settings.Place, settings.Command, problem, remedy);
}
