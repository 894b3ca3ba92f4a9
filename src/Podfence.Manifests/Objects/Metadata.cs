using System.Globalization;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>The parts of metadata that policy needs.</summary>
/// <param name="Namespace">metadata.namespace, <c>default</c> if absent; null for cluster-scoped objects.</param>
/// <param name="Name">metadata.name; empty if it is missing, which is an error.</param>
internal sealed record Metadata(string? Namespace, string Name)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    private static readonly string[] s_known =
    [
        "name",
        "generateName",
        "namespace",
        "selfLink",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "labels",
        "annotations",
        "ownerReferences",
        "finalizers",
        "managedFields",
    ];

    /// <summary>metadata.labels.</summary>
    public LabelSet Labels { get; private init; } = LabelSet.Empty;

    /// <summary>metadata.creationTimestamp in seconds of the Unix epoch, 0 if absent.</summary>
    public long CreatedAt { get; private init; }

    /// <summary>metadata.deletionTimestamp is set.</summary>
    public bool Terminating { get; private init; }

    /// <summary>
    /// The entry of metadata.ownerReferences that is the controller, as the workload that users know; null if there is
    /// none.
    /// </summary>
    public WorkloadRef? Controller { get; private init; }

    /// <summary>Reads only the name, so that all diagnostics can refer to the object.</summary>
    public static ObjectReference Identify(TreeMap root, string kind, bool isNamespaced)
    {
        var metadata = root["metadata"] as TreeMap;
        var name = metadata?["name"] is TreeScalar { Kind: ScalarKind.String } text ? text.Text : "";
        var stated = metadata?["namespace"] is TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 } space
            ? space.Text
            : "default";
        return new(kind, isNamespaced ? stated : null, name);
    }

    /// <summary>Reads and checks metadata.</summary>
    public static Metadata Read(Field root, bool isNamespaced, Func<string, List<string>> nameRule)
    {
        var field = root["metadata"];
        field.CheckMap();
        field.AllowOnly(s_known);
        var name = field["name"].String() ?? "";
        if (name.Length == 0)
        {
            field["name"].Required("name or generateName is required");
        }
        else
        {
            Check(field["name"], name, nameRule);
        }

        var @namespace = isNamespaced ? ReadNamespace(field["namespace"]) : null;
        _ = ReadTime(field["deletionTimestamp"]);
        CheckAnnotations(field["annotations"]);
        var labels = LabelFields.ReadSet(field["labels"]);
        return new(@namespace, name)
        {
            Labels = labels,
            Controller = ReadController(field["ownerReferences"], labels),
            CreatedAt = ReadTime(field["creationTimestamp"]) ?? 0,
            Terminating = field["deletionTimestamp"].IsPresent,
        };
    }

    private static WorkloadRef? ReadController(Field list, LabelSet labels)
    {
        WorkloadRef? controller = null;
        foreach (var owner in list.Items())
        {
            owner.CheckMap();
            if (
                owner["controller"].Bool() == true
                && owner["kind"].String() is { Length: > 0 } kind
                && owner["name"].String() is { Length: > 0 } name
            )
            {
                controller = WorkloadRef.OfController(kind, name, labels);
            }
        }

        return controller;
    }

    private static string ReadNamespace(Field field)
    {
        if (field.String() is not { Length: > 0 } @namespace)
        {
            return "default";
        }

        Check(field, @namespace, NameValidation.DnsLabel);
        return @namespace;
    }

    private static void Check(Field field, string value, Func<string, List<string>> rule)
    {
        if (!field.IsStrict)
        {
            return;
        }

        foreach (var message in rule(value))
        {
            field.Invalid(value, message);
        }
    }

    // For stored objects they have no effect.
    private static void CheckAnnotations(Field annotations)
    {
        if (annotations.IsStrict)
        {
            annotations.Entries().ForEach(static annotation => _ = annotation.Value.String());
        }
    }

    private static long? ReadTime(Field field)
    {
        if (field.String() is not { } text)
        {
            return null;
        }

        // The format's K also accepts a time without a zone, which RFC 3339 does not.
        var hasZone = text is [.., 'Z'] or [.., '+' or '-', _, _, ':', _, _];
        if (
            hasZone
            && DateTimeOffset.TryParseExact(
                text,
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time
            )
        )
        {
            return time.ToUnixTimeSeconds();
        }

        field.Invalid(text, "must be a time in RFC 3339 form", "write it as 2026-01-31T12:00:00Z");
        return null;
    }
}
