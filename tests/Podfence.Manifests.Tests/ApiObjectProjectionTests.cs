using System.Globalization;
using System.Text;
using CsCheck;
using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>
/// Objects that are read through the shape of what policy needs are those that are read whole, and cost less.
/// </summary>
public sealed class ApiObjectProjectionTests
{
    // Fields that readers use, among others, so that values of wrong types occur in them.
    private static readonly Gen<string> s_key = Gen.OneOf(
        "metadata",
        "spec",
        "status",
        "name",
        "namespace",
        "labels",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
        "annotations",
        "managedFields",
        "containers",
        "initContainers",
        "ports",
        "containerPort",
        "protocol",
        "nodeName",
        "hostNetwork",
        "phase",
        "podIP",
        "podIPs",
        "ip",
        "podCIDR",
        "podCIDRs",
        "addresses",
        "type",
        "address",
        "podSelector",
        "matchLabels",
        "ingress",
        "from",
        "env",
        "conditions",
        "\\u006eame",
        "x"
    );

    private static readonly Gen<string> s_scalar = Gen.OneOf(
        "null",
        "true",
        "7",
        "80",
        "1e3",
        "\"\"",
        "\"web\"",
        "\"10.0.0.1\"",
        "\"fd00::1\"",
        "\"10.0.0.0/8\"",
        "\"Running\"",
        "\"TCP\"",
        "\"InternalIP\"",
        "\"2026-01-31T12:00:00Z\"",
        "\"\\\"}\""
    );

    private static readonly Gen<string> s_value = Gen.Recursive<string>(
        (depth, inner) =>
            depth > 5
                ? s_scalar
                : Gen.Frequency(
                    (2, s_scalar),
                    (
                        3,
                        Gen.Select(s_key, inner)
                            .Array[0, 6]
                            .Select(static pairs =>
                                $"{{{string.Join(",", pairs.DistinctBy(static pair => pair.Item1.Replace("\\u006e", "n", StringComparison.Ordinal)).Select(static pair => $"\"{pair.Item1}\":{pair.Item2}"))}}}"
                            )
                    ),
                    (1, inner.Array[0, 3].Select(static items => $"[{string.Join(",", items)}]"))
                )
    );

    private static readonly Gen<string> s_kind = Gen.OneOf("Pod", "Namespace", "Node", "NetworkPolicy");

    [Fact]
    public void Read_AnyObject_EqualsReadingAllFields() =>
        Gen.Select(s_kind, s_value, s_value, s_value)
            .Sample(
                (kind, metadata, spec, status) =>
                    CheckSame(
                        kind,
                        $$"""{"metadata":{{metadata}},"spec":{{spec}},"status":{{status}},"other":{{metadata}}}"""
                    ),
                iter: 20_000
            );

    [Fact]
    public void Read_ModelObject_EqualsReadingAllFields() =>
        ModelGen.Object.Sample(item => CheckSame(item.Reference.Kind, ManifestWriter.ToJson(item)));

    [Fact]
    public void Read_ItemOfAList_IsTheObject() =>
        ModelGen.Object.Sample(item =>
        {
            var diagnostics = ApiObjectReader.ReadOfKind(
                item.Reference.Kind,
                Encoding.UTF8.GetBytes(ManifestWriter.ToJson(item)),
                out var read,
                out _
            );

            return diagnostics.Count == 0 || item.Policy is not null
                ? read!.Value.Reference == item.Reference
                : throw new InvalidOperationException(diagnostics[0].Message);
        });

    [Theory]
    [InlineData(
        """{"metadata":{"name":"a","namespace":"b","resourceVersion":"v1","labels":{"x":"y"}},"spec":{}}""",
        "b",
        "a",
        "v1"
    )]
    [InlineData(
        """{"kind":"Pod","metadata":{"resourceVersion":"v1","annotations":{"name":"no"},"name":"a"},"spec":{"met""",
        "default",
        "a",
        "v1"
    )]
    [InlineData("""{"metadata":{"name":"a","namespace":"b","managedFields":[{"x":""", "b", "a", null)]
    [InlineData("""{"metadata":{"name":7,"namespace":{"name":"c"},"resourceVersion":"v1"}}""", null, null, "v1")]
    [InlineData("""{"metadata":"name"}""", null, null, null)]
    [InlineData("nonsense", null, null, null)]
    [InlineData("", null, null, null)]
    public void ReadReference_CompleteOrTruncated_IsTheNameBeforeTheEnd(
        string json,
        string? space,
        string? name,
        string? version
    )
    {
        var reference = ApiObjectReader.ReadReference("Pod", Encoding.UTF8.GetBytes(json), out var read);

        Assert.Equal(name is null ? null : new ObjectReference("Pod", space, name), reference);
        Assert.Equal(version, read);
    }

    [Fact]
    public void Read_PodOfARealCluster_TakesLittleMemory()
    {
        var json = Encoding.UTF8.GetBytes(RealPod());
        var whole = Allocated(() => ApiObjectReader.ReadProjected("Pod", Projection.All, json, out _, out _));
        var projected = Allocated(() => ApiObjectReader.ReadOfKind("Pod", json, out _, out _));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"a pod of {json.Length} bytes: {whole} bytes whole, {projected} bytes of what policy needs"
        );

        Assert.InRange(projected, 1, whole / 4);
        Assert.InRange(projected, 1, 10_000);
    }

    private static void CheckSame(string kind, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var whole = ApiObjectReader.ReadProjected(
            kind,
            Projection.All,
            bytes,
            out var expected,
            out var expectedVersion
        );
        var diagnostics = ApiObjectReader.ReadOfKind(kind, bytes, out var item, out var version);

        // The workload of a pod is only for output and no rule depends on it, so the agent does not keep it.
        Assert.Equal(expected is { Pod: { } pod } ? ClusterObject.Of(pod with { Workload = null }) : expected, item);
        Assert.Equal(expectedVersion, version);
        Assert.Equal(
            whole.Select(static found => found.ToString()),
            diagnostics.Select(static found => found.ToString())
        );
    }

    private static long Allocated(Action action)
    {
        const int Times = 200;
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            action();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Times;
    }

    // Of the size and shape of a small web server's pod: most of it is of no concern.
    private static string RealPod()
    {
        var variables = string.Join(
            ",",
            Enumerable
                .Range(0, 12)
                .Select(static i =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"name":"VARIABLE_{{i}}","value":"some value that is read by the program"}"""
                    )
                )
        );
        var fields = string.Join(
            ",",
            Enumerable
                .Range(0, 40)
                .Select(static i =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{{"\""}}f:field{{i}}":{"f:name":{},"f:inner":{".":{} } }"""
                    )
                )
        );
        var conditions = string.Join(
            ",",
            Enumerable
                .Range(0, 5)
                .Select(static i =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"type":"Condition{{i}}","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-01-31T12:00:00Z"}"""
                    )
                )
        );
        return $$"""
            {"metadata":{"name":"web-5d78c9869d-abcde","generateName":"web-5d78c9869d-","namespace":"shop","uid":"6d1f8a0e-9f5e-4f53-8b8e-9b5f8b8c1c55","resourceVersion":"123456","creationTimestamp":"2026-01-31T12:00:00Z",
            "labels":{"app":"web","tier":"frontend","pod-template-hash":"5d78c9869d"},"annotations":{"checksum/config":"0123456789abcdef0123456789abcdef"},
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d78c9869d","uid":"11111111-2222-3333-4444-555555555555","controller":true}],
            "managedFields":[{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-01-31T12:00:00Z","fieldsType":"FieldsV1","fieldsV1":{ {{fields}} } }]},
            "spec":{"volumes":[{"name":"token","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"} }],"defaultMode":420} }],
            "containers":[{"name":"web","image":"web:1","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"env":[{{variables}}],"resources":{"limits":{"cpu":"1","memory":"128Mi"} } }],
            "restartPolicy":"Always","nodeName":"node-17","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]},
            "status":{"phase":"Running","conditions":[{{conditions}}],"hostIP":"192.0.2.17","podIP":"10.244.17.5","podIPs":[{"ip":"10.244.17.5"},{"ip":"fd00:244:17::5"}],"qosClass":"Burstable"} }
            """;
    }
}
