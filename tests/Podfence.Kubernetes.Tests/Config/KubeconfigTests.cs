using System.Text;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

public sealed class KubeconfigTests : IDisposable
{
    private const string Secret = "hunter2-secret";
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_CurrentContext_IsUsed()
    {
        var access = Load(Config("lab", "https://10.0.0.1:6443", "token: t1"));

        Assert.Equal(new Uri("https://10.0.0.1:6443"), access.Server);
        Assert.Equal("Bearer t1", Authorization(access));
        Assert.Contains("context lab of", access.ToString());
    }

    [Fact]
    public void Load_OtherContext_IsUsedIfRequested()
    {
        var file = _folder.Write(
            "c",
            Config("lab", "https://lab", "token: t1") + "- name: dev\n  context: {cluster: lab, user: nobody}\n"
        );

        Assert.Null(Authorization(ClusterAccess.Load(Options(file) with { Context = "dev" }), expectUser: "nobody"));
    }

    [Fact]
    public void Load_ContextWithANamespace_HasIt()
    {
        var file = _folder.Write(
            "c",
            Config("lab", "https://lab", "token: t1")
                + "- name: dev\n  context: {cluster: lab, user: nobody, namespace: shop}\n"
        );

        Assert.Null(ClusterAccess.Load(Options(file)).Namespace);
        Assert.Equal("shop", ClusterAccess.Load(Options(file) with { Context = "dev" }).Namespace);
    }

    [Fact]
    public void Contexts_OfSeveralFiles_AreListedOnce()
    {
        var first = _folder.Write("a", "contexts:\n- {name: lab, context: {cluster: x}}\n");
        var second = _folder.Write(
            "b",
            Config("lab", "https://second", "token: t2") + "- name: dev\n  context: {cluster: lab}\n"
        );

        Assert.Equal(
            ["lab", "dev"],
            KubeconfigNames.Contexts(name => name == "KUBECONFIG" ? $"{first}:{second}" : null)
        );
        Assert.Empty(
            KubeconfigNames.Contexts(name => name == "KUBECONFIG" ? _folder.Write("broken", "contexts: 7\n") : null)
        );
        Assert.Empty(KubeconfigNames.Contexts(static _ => null));
    }

    [Fact]
    public void Load_SeveralFiles_FirstDefinitionOfEachEntryCounts()
    {
        var first = _folder.Write("a", "clusters:\n- {name: lab, cluster: {server: 'https://first'}}\n");
        var second = _folder.Write("b", Config("lab", "https://second", "token: t2"));
        _environment["KUBECONFIG"] = $"{first}:{_folder["missing"]}::{second}";

        var access = ClusterAccess.Load(Options(null));

        Assert.Equal(new Uri("https://first"), access.Server);
        Assert.Equal("Bearer t2", Authorization(access));
    }

    [Fact]
    public void Load_RelativeFiles_AreRelativeToTheirKubeconfig()
    {
        Directory.CreateDirectory(_folder["sub"]);
        _folder.Write("sub/token", "t3\n");
        var file = _folder.Write("sub/config", Config("lab", "https://lab", "tokenFile: token"));

        Assert.Equal("Bearer t3", Authorization(ClusterAccess.Load(Options(file))));
    }

    [Fact]
    public void GetAsync_TokenFileRotates_IsReadAgain()
    {
        var token = _folder.Write("token", "old");
        var access = Load(Config("lab", "https://lab", $"tokenFile: {token}"));
        Assert.Equal("Bearer old", Authorization(access));

        _folder.Write("token", "new");

        Assert.Equal("Bearer new", Authorization(access));
    }

    [Fact]
    public void GetAsync_NameAndPassword_AreBasic() =>
        Assert.Equal(
            "Basic " + Convert.ToBase64String("a:b c"u8),
            Authorization(Load(Config("lab", "https://lab", "username: a, password: 'b c'")))
        );

    [Fact]
    public void GetAsync_ClientCertificate_ComesFromDataOrFile()
    {
        using var pki = new TestPki();
        var (certificate, key) = pki.Sign("CN=me");
        _folder.Write("me.crt", certificate);

        var access = Load(Config("lab", "https://lab", $"client-certificate: me.crt, client-key-data: {Base64(key)}"));

        Assert.Equal(certificate, Encoding.UTF8.GetString(Get(access).CertificatePem!));
        Assert.Equal(key, Encoding.UTF8.GetString(Get(access).KeyPem!));
    }

    [Fact]
    public void Load_NoKubeconfigInAPod_UsesTheServiceAccount()
    {
        using var pki = new TestPki();
        _folder.Write("token", "t4");
        _folder.Write("ca.crt", pki.AuthorityPem);
        _folder.Write("namespace", "tools\n");
        _environment["KUBERNETES_SERVICE_HOST"] = "fd00::1";
        _environment["KUBERNETES_SERVICE_PORT"] = "443";

        var access = ClusterAccess.Load(Options(null) with { ServiceAccountFolder = _folder.Path });

        Assert.Equal(new Uri("https://[fd00::1]:443"), access.Server);
        Assert.Equal("Bearer t4", Authorization(access));
        Assert.Equal("tools", access.Namespace);
    }

    [Fact]
    public void Load_HomeHasAConfig_UsesIt()
    {
        Directory.CreateDirectory(_folder[".kube"]);
        _folder.Write(".kube/config", Config("lab", "https://home", "token: x"));
        _environment["HOME"] = _folder.Path;

        Assert.Equal(new Uri("https://home"), ClusterAccess.Load(Options(null)).Server);
    }

    [Theory]
    [InlineData(
        "users: [{name: lab, user: {token: t, auth-provider: {name: gcp}}}]",
        "users[lab].user.auth-provider: auth providers were removed",
        "use an exec plugin"
    )]
    [InlineData("users: [{name: lab, user: {as: admin}}]", "users[lab].user.as: impersonation", "of its own")]
    [InlineData(
        "users: [{name: lab, user: {client-certificate: x}}]",
        "users[lab].user.client-key: missing",
        "a client certificate needs its key"
    )]
    [InlineData(
        "users: [{name: lab, user: {client-certificate-data: hunter2-secret, client-key: x}}]",
        "users[lab].user.client-certificate-data: not base64",
        "base64 -w0"
    )]
    [InlineData(
        "users: [{name: lab, user: {token: [hunter2-secret]}}]",
        "users[lab].user.token: must be text",
        "quote it"
    )]
    [InlineData(
        "users: [{name: lab, user: {exec: {command: x}}}]",
        "users[lab].user.exec.apiVersion: missing",
        "write client.authentication.k8s.io/v1"
    )]
    [InlineData(
        "users: [{name: lab, user: {exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}}]",
        "is not supported",
        "client.authentication.k8s.io/v1beta1"
    )]
    [InlineData(
        "users: [{name: lab, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: x, "
            + "interactiveMode: Always}}}]",
        "the plugin cannot prompt here",
        "Never"
    )]
    [InlineData(
        "contexts: [{name: lab, context: {cluster: lab, user: ghost}}]",
        "users: user ghost, named by context lab, is not defined",
        "available: lab, nobody"
    )]
    [InlineData("users: 7", "users: must be a list", "dash")]
    [InlineData(
        "clusters: [{name: lab, cluster: {server: 'ftp://x'}}]",
        "clusters[lab].cluster.server: not the address of an API server",
        "https://10.0.0.1:6443"
    )]
    [InlineData(
        "clusters: [{name: lab, cluster: {}}]",
        "clusters[lab].cluster.server: missing",
        "https://10.0.0.1:6443"
    )]
    [InlineData(
        "clusters: [{name: lab, cluster: {server: 'https://x', proxy-url: 'ftp://me:hunter2-secret@x'}}]",
        "clusters[lab].cluster.proxy-url: not the address of a proxy",
        "socks5://"
    )]
    [InlineData(
        "clusters: [{name: lab, cluster: {server: 'https://x', certificate-authority: /nowhere/ca}}]",
        "clusters[lab].cluster.certificate-authority: /nowhere/ca cannot be read",
        "can be read"
    )]
    [InlineData(
        "clusters: [{name: lab, cluster: {server: 'https://x', certificate-authority-data: aGk=}}]",
        "certificate-authority-data: no CERTIFICATE in PEM form",
        "-----BEGIN"
    )]
    [InlineData(
        "current-context: prod",
        "contexts: context prod, named by current-context, is not defined",
        "available: lab"
    )]
    [InlineData("current-context: ''", "current-context: missing", "--context")]
    [InlineData(
        "contexts: [{name: lab, context: {user: lab}}]",
        "contexts[lab].context.cluster: missing",
        "name a cluster"
    )]
    [InlineData("contexts: {", "not YAML", "check quotes, brackets")]
    public void Load_Invalid_NamesFileFieldAndRemedy(string fault, string problem, string remedy)
    {
        // The fault stands in the file that comes first; the second one is sound.
        var first = _folder.Write("a", fault);
        var second = _folder.Write("b", Config("lab", "https://lab", $"token: {Secret}"));
        _environment["KUBECONFIG"] = fault.StartsWith("current-context: ''", StringComparison.Ordinal)
            ? first
            : $"{first}:{second}";

        var error = Assert.Throws<AccessException>(() => ClusterAccess.Load(Options(null)));

        Assert.Contains(_folder.Path, error.Message);
        Assert.Contains(problem, error.Message);
        Assert.Contains(remedy, error.Message);
        Assert.DoesNotContain(Secret, error.Message);
    }

    [Fact]
    public void Load_MissingKubeconfig_IsReported() =>
        Assert.Contains(
            "kubeconfig not found (correct --kubeconfig)",
            Assert.Throws<AccessException>(() => ClusterAccess.Load(Options("/nowhere"))).Message
        );

    [Fact]
    public void Load_NothingAtAll_NamesTheOptions() =>
        Assert.Contains(
            "--kubeconfig or KUBECONFIG",
            Assert.Throws<AccessException>(() => ClusterAccess.Load(Options(null))).Message
        );

    [Fact]
    public void ToString_OfEverythingThatHoldsASecret_HidesIt()
    {
        var access = Load(Config("lab", "https://lab", $"token: {Secret}"));

        Assert.DoesNotContain(
            Secret,
            $"{access} {access.Credentials} {Get(access)} {((UserCredentials)access.Credentials).Token}"
        );
    }

    [Theory]
    [InlineData("https://10.96.0.1:443", "", "http://proxy:3128/")]
    [InlineData("https://10.96.0.1:443", "10.96.0.0/12", null)]
    [InlineData("https://10.96.0.1:443", "10.96.0.1", null)]
    [InlineData("https://10.96.0.1:443", "10.96.0.2,::1", "http://proxy:3128/")]
    [InlineData("https://api.lab.example", "example", null)]
    [InlineData("https://api.lab.example", ".lab.example", null)]
    [InlineData("https://lab.example", ".lab.example", "http://proxy:3128/")]
    [InlineData("https://api.lab.example", "*.lab.example", null)]
    [InlineData("https://api.lab.example:6443", "api.lab.example:443", "http://proxy:3128/")]
    [InlineData("https://api.lab.example:6443", "api.lab.example:6443", null)]
    [InlineData("https://notlab.example", "lab.example", "http://proxy:3128/")]
    [InlineData("https://anything", "*", null)]
    [InlineData("https://127.0.0.1:6443", "", null)]
    [InlineData("https://[fd00::1]:6443", "fd00::/8", null)]
    [InlineData("http://10.96.0.1:80", "", null)]
    public void For_EnvironmentWithExceptions_FollowsTheEcosystem(string server, string exceptions, string? expected)
    {
        _environment["https_proxy"] = "proxy:3128";
        _environment["NO_PROXY"] = exceptions;

        Assert.Equal(
            expected,
            EnvironmentProxy.For(new Uri(server), _environment.GetValueOrDefault)?.Address?.ToString()
        );
    }

    [Fact]
    public void Parse_Socks5WithPassword_IsAccepted()
    {
        var proxy = EnvironmentProxy.Parse("socks5h://me:a%20b@[::1]:1080")!;

        Assert.Equal(new Uri("socks5://[::1]:1080"), proxy.Address);
        Assert.Equal(
            ("me", "a b"),
            (
                proxy.Credentials!.GetCredential(proxy.Address!, "Basic")!.UserName,
                proxy.Credentials.GetCredential(proxy.Address!, "Basic")!.Password
            )
        );
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Config(string name, string server, string user) =>
        $"apiVersion: v1\nkind: Config\ncurrent-context: {name}\nclusters:\n- {{name: {name}, cluster: {{server: "
        + $"'{server}'}}}}\n"
        + $"users:\n- {{name: {name}, user: {{{user}}}}}\n- {{name: nobody, user: {{}}}}\ncontexts:\n- name: "
        + $"{name}\n  context: {{cluster: {name}, user: {name}}}\n";

    private static Credential Get(ClusterAccess access) =>
        access.Credentials.GetAsync(false, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();

    private static string? Authorization(ClusterAccess access, string? expectUser = null)
    {
        Assert.True(expectUser is null || access.Credentials is UserCredentials);
        return Get(access).Authorization;
    }

    private ClusterAccess Load(string config) => ClusterAccess.Load(Options(_folder.Write("config", config)));

    private AccessOptions Options(string? file) =>
        new() { Kubeconfig = file, Environment = _environment.GetValueOrDefault };
}
