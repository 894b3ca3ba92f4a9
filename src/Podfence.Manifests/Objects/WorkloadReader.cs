using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads the template of a workload: the labels, ports and network of its pods.</summary>
internal static class WorkloadReader
{
    /// <summary>Reads the workload; null if it has an error.</summary>
    public static Workload? Read(TreeMap root, string kind, DiagnosticSink sink)
    {
        sink.Begin(Metadata.Identify(root, kind, isNamespaced: true));
        var field = new Field(root, FieldPath.Root, root.Line, sink);
        var metadata = Metadata.Read(field, isNamespaced: true, NameValidation.Subdomain);
        var spec = field["spec"];
        spec.CheckMap();
        var template = kind == WorkloadKinds.CronJob ? spec["jobTemplate"]["spec"]["template"] : spec["template"];
        if (!template.IsPresent)
        {
            template.Required("", "this is the template of its pods");
        }

        template.CheckMap();
        var labels = LabelFields.ReadSet(template["metadata"]["labels"]);
        var location = sink.At(root.Line);
        var pod = PodReader.ReadTemplate(template, metadata.Namespace!, labels, location);
        var workload =
            metadata.Controller is { } owner && WorkloadKinds.Find(owner.Kind) is not null
                ? owner
                : WorkloadRef.Create(kind, metadata.Name);
        return sink.ObjectHasErrors || metadata.Name.Length == 0
            ? null
            : new(pod.Key.Namespace, workload, pod with { Workload = workload }, location);
    }
}
