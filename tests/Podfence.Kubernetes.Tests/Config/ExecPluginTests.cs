using Microsoft.Extensions.Time.Testing;

namespace Podfence.Kubernetes.Tests;

/// <summary>Plugins that are small programs of the shell.</summary>
public sealed class ExecPluginTests : IDisposable
{
    private const string Answer =
        """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"TOKEN"EXPIRY}}""";
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GetAsync_SeveralTimes_RunsThePluginOnce()
    {
        var source = Plugin($"echo run >>{_folder["runs"]}\n" + Print("t1"));

        await GetAsync(source);

        Assert.Equal("Bearer t1", (await GetAsync(source)).Authorization);
        Assert.Single(File.ReadAllLines(_folder["runs"]));
    }

    [Fact]
    public async Task GetAsync_Expired_RunsItAgain()
    {
        var source = Plugin(
            $"echo run >>{_folder["runs"]}\n"
                + Print("t$(wc -l <" + _folder["runs"] + ")", ",\"expirationTimestamp\":\"2026-01-01T01:00:00Z\"")
        );
        Assert.Equal("Bearer t1", (await GetAsync(source)).Authorization);
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("Bearer t1", (await GetAsync(source)).Authorization);

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("Bearer t2", (await GetAsync(source)).Authorization);
    }

    [Fact]
    public async Task GetAsync_RefreshByMany_RunsThePluginOnceMore()
    {
        var source = Plugin($"echo run >>{_folder["runs"]}\nsleep 0.2\n" + Print("t1"));
        await GetAsync(source);

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ => source.GetAsync(refresh: true, TestContext.Current.CancellationToken).AsTask())
        );

        Assert.Equal(2, File.ReadAllLines(_folder["runs"]).Length);
    }

    [Fact]
    public async Task GetAsync_ArgumentsVariablesAndClusterInfo_ReachThePlugin()
    {
        var source = Plugin(
            $"printf '%s' \"$1|$2|$COLOUR|$KUBERNETES_EXEC_INFO\" >{_folder["seen"]}\nread line && exit 9\n"
                + Print("t"),
            "args: ['a b', '$HOME'], env: [{name: COLOUR, value: red}], provideClusterInfo: true, "
                + "interactiveMode: IfAvailable",
            "tls-server-name: api, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: "
                + "x, deep: [1, true, null]}}]"
        );

        await GetAsync(source);

        Assert.Equal(
            """a b|$HOME|red|{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"https://lab","tls-server-name":"api","config":{"audience":"x","deep":[1,true,null]}},"interactive":false}}""",
            await File.ReadAllTextAsync(_folder["seen"], TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData("echo broken; echo 'first' >&2; echo 'no login' >&2; exit 3", "ended with 3: no login")]
    [InlineData("echo secret-in-output", "did not print an ExecCredential")]
    [InlineData(
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"secret-in-output\"}}'",
        "printed another kind or version"
    )]
    [InlineData(
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientKeyData\":\"secret-in-output\"}}'",
        "neither a token nor a certificate"
    )]
    public async Task GetAsync_PluginFails_ReportsTheErrorAndShowsNoOutput(string body, string problem)
    {
        var fault = await Assert.ThrowsAsync<AccessException>(() => GetAsync(Plugin(body)));

        Assert.Contains(problem, fault.Message);
        Assert.Contains("users[lab].user.exec", fault.Message);
        Assert.DoesNotContain("secret-in-output", fault.Message);
    }

    [Fact]
    public async Task GetAsync_ProgramIsMissing_GivesTheHint()
    {
        var source = Plugin(null, "installHint: get it from the cupboard");

        Assert.Contains(
            "get it from the cupboard",
            (await Assert.ThrowsAsync<AccessException>(() => GetAsync(source))).Message
        );
    }

    [Fact]
    public async Task GetAsync_PluginHangs_IsKilledAfterAMinute()
    {
        var source = Plugin($"echo $$ >{_folder["pid"]}\nexec sleep 1000");
        var waiting = GetAsync(source);
        while (
            !File.Exists(_folder["pid"])
            || (await File.ReadAllTextAsync(_folder["pid"], TestContext.Current.CancellationToken)).Length == 0
        )
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains("did not end within 60 s", (await Assert.ThrowsAsync<AccessException>(() => waiting)).Message);
    }

    private static Task<Credential> GetAsync(CredentialSource source) =>
        source.GetAsync(refresh: false, TestContext.Current.CancellationToken).AsTask();

    private static string Print(string token, string expiry = "") =>
        "echo \""
        + Answer
            .Replace("TOKEN", token, StringComparison.Ordinal)
            .Replace("EXPIRY", expiry, StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
        + "\"\n";

    private CredentialSource Plugin(string? body, string settings = "args: []", string cluster = "tls-server-name: ''")
    {
        if (body is not null)
        {
            _folder.WriteScript("plugin", body);
        }

        var config = _folder.Write(
            "config",
            $$"""
            current-context: lab
            clusters: [{name: lab, cluster: {server: 'https://lab', {{cluster}} } }]
            users: [{name: lab, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, {{settings}} } } }]
            contexts: [{name: lab, context: {cluster: lab, user: lab } }]
            """
        );
        return ClusterAccess
            .Load(
                new AccessOptions
                {
                    Kubeconfig = config,
                    Environment = static _ => null,
                    Time = _time,
                }
            )
            .Credentials;
    }
}
