using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads a namespace.</summary>
internal static class NamespaceReader
{
    public static Namespace Read(Field root, Metadata metadata, SourceLocation location)
    {
        if (metadata.Labels[Namespace.NameLabel] is { } stated && stated != metadata.Name)
        {
            var field = root["metadata"]["labels"];
            var name = GoText.Quote(metadata.Name);
            field.Warning(
                $"{Namespace.NameLabel} is {GoText.Quote(stated)},"
                    + $" but the API server sets it to the namespace's name, {name}",
                "leave this label out"
            );
        }

        return Namespace.Create(LabelInterner.Intern(metadata.Name), metadata.Labels) with
        {
            Location = location,
        };
    }
}
