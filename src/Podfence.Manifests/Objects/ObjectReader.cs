using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads one object of a kind that policy needs.</summary>
internal static class ObjectReader
{
    private const string PolicyKind = nameof(NetworkPolicy);

    /// <summary>Reads the name of the object without checking it.</summary>
    public static ObjectReference Identify(TreeMap root, string kind) =>
        Metadata.Identify(root, kind, IsNamespaced(kind));

    /// <summary>Reads the object; null if it has an error and is read strictly.</summary>
    public static ClusterObject? Read(TreeMap root, string kind, DiagnosticSink sink)
    {
        var identity = Identify(root, kind);
        sink.Begin(identity);
        var field = new Field(root, FieldPath.Root, root.Line, sink);
        var metadata = Metadata.Read(
            field,
            IsNamespaced(kind),
            kind == nameof(Namespace) ? NameValidation.DnsLabel : NameValidation.Subdomain
        );
        if (metadata.Name.Length == 0)
        {
            return null;
        }

        var location = sink.At(root.Line);
        var result = kind switch
        {
            nameof(Pod) => ClusterObject.Of(PodReader.Read(field, metadata, location)),
            nameof(Namespace) => ClusterObject.Of(NamespaceReader.Read(field, metadata, location)),
            nameof(Node) => ClusterObject.Of(NodeReader.Read(field, metadata, location)),
            _ => ReadPolicy(field, metadata, location, sink),
        };
        return sink.ObjectHasErrors ? null : result;
    }

    // Decode, default, validate: the order of the API server.
    private static ClusterObject ReadPolicy(
        Field field,
        Metadata metadata,
        SourceLocation location,
        DiagnosticSink sink
    )
    {
        var draft = PolicyReader.Read(field, metadata, location);
        PolicyDefaults.Apply(draft);
        if (sink.IsStrict)
        {
            PolicyValidator.Validate(draft);
        }

        return sink.ObjectHasErrors ? default : ClusterObject.Of(PolicyBuilder.Build(draft));
    }

    /// <summary>The reference to an object of this kind and name.</summary>
    public static ObjectReference ReferenceTo(string kind, string? @namespace, string name) =>
        new(kind, IsNamespaced(kind) ? (string.IsNullOrEmpty(@namespace) ? "default" : @namespace) : null, name);

    private static bool IsNamespaced(string kind) => kind is nameof(Pod) or PolicyKind;
}
