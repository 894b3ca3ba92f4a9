using Podfence.Model;

namespace Podfence.Manifests.Tests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void ReadPaths_ArticleExample_HasItsPolicyAndCluster()
    {
        var manifests = ManifestReader.ReadPaths([Samples.RepositoryFile("examples/article.yaml")]);

        Assert.Empty(manifests.Diagnostics);
        Assert.Equal(["db", "web", "job", "api", "web"], manifests.Pods.Select(pod => pod.Key.Name));
        Assert.Equal(["default", "partner", "stranger"], manifests.Namespaces.Select(item => item.Name));
        var policy = Assert.Single(manifests.Policies);
        Assert.True(policy is { IsolatesIngress: true, IsolatesEgress: true });
        Assert.Equal(LabelSelector.MatchLabels(("role", "db")), policy.PodSelector);
        var ingress = Assert.Single<PolicyRule>(policy.Ingress);
        Assert.Equal(new IpBlockPeer(Cidr.Parse("172.17.0.0/16"), [Cidr.Parse("172.17.1.0/24")], 49), ingress.Peers[0]);
        Assert.Equal(new SelectorPeer(LabelSelector.MatchLabels(("project", "myproject")), null, 50), ingress.Peers[1]);
        Assert.Equal(new SelectorPeer(null, LabelSelector.MatchLabels(("role", "frontend")), 51), ingress.Peers[2]);
        Assert.Equal(new PolicyPort(Protocol.Tcp, 6379, 6379), Assert.Single<PolicyPort>(ingress.Ports));
        Assert.EndsWith("article.yaml:41", policy.Location.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadText_List_HasItsItems()
    {
        var manifests = ManifestReader.ReadText(
            """
            {"apiVersion":"v1","kind":"List","items":[
              {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}},
              {"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"p","namespace":"a"}}]},
              {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicyList","items":[{"metadata":{"name":"x","namespace":"a"}}]},
              {"apiVersion":"v1","kind":"ServiceList","items":[{"metadata":{"name":"s"}},{"metadata":{"name":"t"}}]}]}
            """
        );

        Assert.Empty(manifests.Diagnostics);
        Assert.Equal("a/p", Assert.Single(manifests.Pods).Key.ToString());
        Assert.Equal(new SourceLocation("-", 4), Assert.Single(manifests.Policies).Location);
        Assert.Equal(2, manifests.IgnoredKinds["v1/Service"]);
    }

    [Fact]
    public void ReadText_KindsThatPolicyDoesNotNeed_AreCounted()
    {
        var manifests = ManifestReader.ReadText(
            """
            # comments only: not a document
            ---
            {apiVersion: v1, kind: Service, metadata: {name: a}, spec: 5}
            --- {apiVersion: v1, kind: Service, metadata: {name: b}}
            ---
            apiVersion: crd.projectcalico.org/v1
            kind: NetworkPolicy
            ...
            ---
            expect: []
            """
        );

        Assert.Empty(manifests.Diagnostics);
        Assert.Empty(manifests.Objects);
        Assert.Equal(
            ["crd.projectcalico.org/v1/NetworkPolicy=1", "expect=1", "v1/Service=2"],
            manifests.IgnoredKinds.Select(pair => $"{pair.Key}={pair.Value}")
        );
    }

    [Fact]
    public void ReadText_NamespaceNotDefined_IsImplied()
    {
        var manifests = ManifestReader.ReadText(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\n" + Samples.Policy("{}")
        );

        Assert.Equal(["default", "ns"], manifests.ImpliedNamespaces);
        Assert.Equal(["default", "ns"], manifests.Namespaces.Select(item => item.Labels[Namespace.NameLabel]));
    }

    [Fact]
    public void ReadText_NamespaceNamesAnother_IsOverriddenWithWarning()
    {
        var manifests = ManifestReader.ReadText(
            "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {kubernetes.io/metadata.name: b, x: z}}}"
        );

        Assert.False(Assert.Single(manifests.Diagnostics).IsError);
        Assert.Equal(LabelSet.Of((Namespace.NameLabel, "a"), ("x", "z")), Assert.Single(manifests.Namespaces).Labels);
    }

    [Fact]
    public void ReadText_Pod_HasTheFieldsOfPolicy()
    {
        var manifests = ManifestReader.ReadText(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: ns, labels: {a: b}, creationTimestamp: 2026-01-02T03:04:05Z, deletionTimestamp: "2026-01-02T03:04:05Z"}
            spec:
              nodeName: n1
              hostNetwork: true
              containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}, {containerPort: 53, protocol: UDP}]}]
              initContainers: [{name: s, ports: [{name: http, containerPort: 81}]}]
            status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "2001:db8::1"}], hostIP: 1.2.3.4}
            """
        );

        Assert.Empty(manifests.Diagnostics);
        Assert.Equal(
            new Pod
            {
                Key = new("ns", "p"),
                Labels = LabelSet.Of(("a", "b")),
                NodeName = "n1",
                HostNetwork = true,
                Phase = PodPhase.Running,
                Terminating = true,
                CreatedAt = 1767323045,
                Addresses = [IpAddress.Parse("10.0.0.1"), IpAddress.Parse("2001:db8::1")],
                Ports = [new("http", 80, Protocol.Tcp), new(null, 53, Protocol.Udp), new("http", 81, Protocol.Tcp)],
                Location = new("-", 1),
            },
            Assert.Single(manifests.Pods)
        );
    }

    [Fact]
    public void ReadText_AddressOfTwoPods_Warns()
    {
        var text = Samples.Pod("status: {podIP: 10.0.0.1}");
        var manifests = ManifestReader.ReadText(
            $"{text}---\n{text.Replace("name: p", "name: q", StringComparison.Ordinal)}---\n{text.Replace("name: p", "name: r", StringComparison.Ordinal).Replace("status: {", "status: {phase: Failed, ", StringComparison.Ordinal)}"
        );

        var found = Assert.Single(manifests.Diagnostics);
        Assert.Equal(
            "-:6: warning: Pod ns/q: 10.0.0.1 is also the address of Pod ns/p (of two pods the younger one owns "
                + "it; give each pod its own address)",
            found.ToString()
        );
        Assert.Equal(3, manifests.Pods.Count);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", 1767323045L)]
    [InlineData("2026-01-02T03:04:05.5Z", 1767323045L)]
    [InlineData("2026-01-02T04:04:05+01:00", 1767323045L)]
    [InlineData("2026-01-02T03:04:05", null)]
    [InlineData("2026-01-02", null)]
    public void ReadText_CreationTimestamp_IsRfc3339(string time, long? expected)
    {
        var pods = ManifestReader
            .ReadText($"{{apiVersion: v1, kind: Pod, metadata: {{name: p, creationTimestamp: \"{time}\"}}}}")
            .Pods;

        Assert.Equal(expected, pods.Count == 0 ? null : pods[0].CreatedAt);
    }

    [Fact]
    public void ReadText_PodIPAlone_IsAccepted() =>
        Assert.Equal(
            [IpAddress.Parse("10.0.0.1")],
            Assert.Single(ManifestReader.ReadText(Samples.Pod("status: {podIP: 10.0.0.1}")).Pods).Addresses
        );

    [Fact]
    public void ReadText_Node_HasTheFieldsOfPolicy()
    {
        var manifests = ManifestReader.ReadText(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: n1, labels: {a: b}}
            spec: {podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24, "fd00::/64"]}
            status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: Hostname, address: n1}, {type: ExternalIP, address: 192.168.0.1}]}
            """
        );

        Assert.Empty(manifests.Diagnostics);
        Assert.Equal(
            new Node
            {
                Name = "n1",
                Labels = LabelSet.Of(("a", "b")),
                Addresses = [IpAddress.Parse("192.168.0.1")],
                PodCidrs = [Cidr.Parse("10.1.0.0/24"), Cidr.Parse("fd00::/64")],
                Location = new("-", 1),
            },
            Assert.Single(manifests.Nodes)
        );
    }

    [Fact]
    public void ReadPaths_Folder_ReadsItsManifestsInOrderOfName()
    {
        var folder = Directory.CreateTempSubdirectory("podfence-manifests");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "deeper"));
            Write("b.yml", "b");
            Write("a.json", "a");
            Write(".hidden.yaml", "hidden");
            Write("notes.txt", "notes");
            Write("deeper/c.yaml", "c");

            Assert.Equal(["a", "b"], Names(new ManifestReaderOptions()));
            Assert.Equal(["a", "b", "c"], Names(new ManifestReaderOptions { Recursive = true }));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Write(string file, string name) =>
            File.WriteAllText(
                Path.Combine(folder.FullName, file),
                "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"" + name + "\"}}"
            );

        List<string> Names(ManifestReaderOptions options) =>
            [.. ManifestReader.ReadPaths([folder.FullName], options).Namespaces.Select(item => item.Name)];
    }

    [Fact]
    public void ReadPaths_StandardInput_IsNamedDash()
    {
        var options = new ManifestReaderOptions
        {
            StandardInput = () => new MemoryStream("\ufeffkind: Pod\n"u8.ToArray()),
        };

        Assert.Equal(
            "-:1: error: Pod default/: apiVersion not set (every object must have apiVersion and kind)",
            Assert.Single(ManifestReader.ReadPaths(["-"], options).Diagnostics).ToString()
        );
    }

    [Fact]
    public void ReadPaths_NoSuchFile_IsAnError()
    {
        var manifests = ManifestReader.ReadPaths(["/no/such/file.yaml"]);

        Assert.Equal(
            "/no/such/file.yaml: error: no such file or folder",
            Assert.Single(manifests.Diagnostics).ToString()
        );
        Assert.True(manifests.HasErrors);
    }

    [Theory]
    [InlineData(
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, \"\\u001b[31mx\": 1}}",
        "unknown field \"metadata.\\x1b[31mx\""
    )]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {name: \"\\u001b[2J\"}}", "Namespace \\x1b[2J: ")]
    [InlineData(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {\"\\u202e\": 1}}}",
        "metadata.labels[\\u202e]"
    )]
    public void ReadText_ControlCharacters_AreEscapedInMessages(string text, string part)
    {
        var diagnostics = string.Join('\n', ManifestReader.ReadText(text).Diagnostics);

        Assert.Contains(part, diagnostics, StringComparison.Ordinal);
        Assert.DoesNotContain(diagnostics, static c => c is '\u001b' or '\u202e');
    }

    [Fact]
    public void ReadPaths_TextThatIsNotUtf8_ReportsTheLine()
    {
        byte[] text = [.. "a: 1\n# gr"u8, 0xFC, .. "n\n"u8];

        var found = Assert.Single(
            ManifestReader.ReadPaths(["-"], new() { StandardInput = () => new MemoryStream(text) }).Diagnostics
        );

        Assert.Equal(2, found.Location.Line);
    }

    [Theory]
    [InlineData("spec: x", "write a map: a line for each field, or {}")]
    [InlineData("spec: {ingress: 5}", "write a list: a dash before each item, or []")]
    [InlineData("spec: {ingress: {}}", "put a dash before the item")]
    [InlineData("spec: {policyTypes: [[]]}", "write a text")]
    [InlineData("spec: {ingress: [{ports: [{port: 1.5}]}]}", "write a whole number of 32 bits")]
    [InlineData("spec: {ingress: [{ports: [{port: {}}]}]}", "write a number")]
    [InlineData("spec: [", "check quotes, brackets, colons and indentation there and in the lines above")]
    public void ReadText_WrongType_HasARemedy(string spec, string remedy)
    {
        var diagnostics = ManifestReader
            .ReadText($"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p}}\n{spec}\n")
            .Diagnostics;

        Assert.Contains(remedy, diagnostics.Select(static found => found.Remedy));
    }
}
