using System.Text;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>Manifests of a cluster: three nodes, and six pods in each of some namespaces.</summary>
internal static class Town
{
    public const int PodsPerNamespace = 6;

    /// <summary>
    /// Lets nobody but <c>api</c> call <c>db</c> in the first namespace: what a <see cref="Sentinel"/> holds on to.
    /// </summary>
    public const string Guard = """
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: guard, namespace: s1}
        spec:
          podSelector: {matchLabels: {role: db}}
          policyTypes: [Ingress]
          ingress: [{from: [{podSelector: {matchLabels: {role: api}}}]}]

        """;

    private static readonly string[] s_roles = ["web", "api", "db"];

    /// <summary>A policy that lets everybody or nobody call <c>web</c> in the first namespace.</summary>
    public static string Web(bool open) =>
        $"""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {"{"}name: web, namespace: s1{"}"}
            spec: {"{"}podSelector: {"{"}matchLabels: {"{"}role: web{"}}"}, policyTypes: [Ingress], ingress: [{(
                open ? "{}" : ""
            )}]{"}"}
            """;

    /// <summary>The manifests; pods are named role-number, and listen on 8080 by the name <c>http</c>.</summary>
    public static string Yaml(int namespaces)
    {
        var text = new StringBuilder();
        for (var node = 1; node <= 3; node++)
        {
            text.Append("---\napiVersion: v1\nkind: Node\nmetadata: {name: n").Append(node).Append("}\n");
        }

        for (var space = 1; space <= namespaces; space++)
        {
            text.Append(
                $"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: s{space}, labels: {{team: t{space % 2}, "
                    + $"kubernetes.io/metadata.name: s{space}}}}}\n"
            );
            for (var pod = 0; pod < PodsPerNamespace; pod++)
            {
                var role = s_roles[pod % s_roles.Length];
                text.Append(
                    $"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {role}-{pod / s_roles.Length}, namespace: "
                        + $"s{space}, labels: {{role: {role}}}}}\n"
                );
                text.Append(
                    $"spec:\n  nodeName: n{1 + ((pod + space) % 3)}\n  containers: [{{name: c, image: none, "
                        + $"ports: [{{name: http, containerPort: 8080}}]}}]\n"
                );
            }
        }

        return text.ToString();
    }
}
