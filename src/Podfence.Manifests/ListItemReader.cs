using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Reads objects that the API server stores, for commands that analyse a live cluster, one JSON object at a time: as
/// <see cref="ApiObjectReader"/>, and also the workload that a pod belongs to, and workloads themselves.
/// </summary>
public static class ListItemReader
{
    /// <summary>Reads one object of a kind that policy needs.</summary>
    /// <param name="kind">Pod, Namespace, Node or NetworkPolicy.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="item">The object; null if the text is malformed, is not an object or has no name.</param>
    /// <param name="lintIgnore">Its annotation <see cref="LintAnnotations.Ignore"/>, or null.</param>
    /// <returns>What could not be parsed, as warnings. Empty for nearly every object.</returns>
    /// <exception cref="ArgumentException">Policy does not need objects of this kind.</exception>
    public static IReadOnlyList<Diagnostic> ReadObject(
        string kind,
        ReadOnlySpan<byte> json,
        out ClusterObject? item,
        out string? lintIgnore
    )
    {
        var diagnostics = ApiObjectReader.ReadWithTree(
            kind,
            ReadProjections.OfListed(kind),
            json,
            out item,
            out _,
            out var root
        );
        lintIgnore = root is null ? null : LintAnnotations.Read(root);
        return diagnostics;
    }

    /// <summary>Reads one workload.</summary>
    /// <param name="kind">Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="workload">The workload; null if it has ended and creates no pods, or cannot be parsed.</param>
    /// <returns>What could not be parsed, as warnings.</returns>
    public static IReadOnlyList<Diagnostic> ReadWorkload(string kind, ReadOnlySpan<byte> json, out Workload? workload)
    {
        var sink = new DiagnosticSink(Strictness.Lenient, null);
        var root = JsonDocuments.ReadOne(json, ReadProjections.Workload, out var syntaxErrors) as TreeMap;
        foreach (var error in syntaxErrors)
        {
            sink.Error(0, null, error.Message);
        }

        workload = root is null || HasEnded(root) ? null : WorkloadReader.Read(root, kind, sink);
        return sink.Diagnostics;
    }

    // A finished Job creates no further pods.
    // https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
    private static bool HasEnded(TreeMap root) =>
        (root["status"] as TreeMap)?["conditions"] is TreeList conditions
        && conditions.Items.Exists(static item =>
            item is TreeMap condition
            && Text(condition, "type") is "Complete" or "Failed"
            && Text((TreeMap)item, "status") == "True"
        );

    private static string? Text(TreeMap map, string key) => (map[key] as TreeScalar)?.Text;
}
