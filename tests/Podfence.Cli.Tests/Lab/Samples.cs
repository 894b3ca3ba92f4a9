using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli.Tests;

/// <summary>A small cluster: web and db share node n1, job is on n2. And policies for it.</summary>
internal static class Samples
{
    /// <summary>Three pods on two nodes.</summary>
    public const string Cluster = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec: {nodeName: n1, containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: db, labels: {app: db}}
        spec: {nodeName: n1, containers: [{name: c, image: x, ports: [{containerPort: 6379}]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: job, labels: {app: job}}
        spec: {nodeName: n2, containers: [{name: c, image: x}]}
        """;

    /// <summary>db takes port 6379 from web alone.</summary>
    public const string OnlyWeb = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: only-web}
        spec:
          podSelector: {matchLabels: {app: db}}
          ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 6379}]}]
        """;

    /// <summary>The same policy, for job instead of web.</summary>
    public const string OnlyJob = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: only-web}
        spec:
          podSelector: {matchLabels: {app: db}}
          ingress: [{from: [{podSelector: {matchLabels: {app: job}}}], ports: [{port: 6379}]}]
        """;

    /// <summary>web sends nothing.</summary>
    public const string SilentWeb = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: silent-web}
        spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}
        """;

    /// <summary>An expectation file about web and job calling db.</summary>
    public static string Expect(string web, string job) =>
        $$"""
            expect:
            - {from: default/web, to: default/db, port: 6379, verdict: {{web}}}
            - {from: default/job, to: default/db, port: 6379, verdict: {{job}}, why: "who job is"}
            """;
}
