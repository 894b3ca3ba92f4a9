namespace Podfence.Manifests;

/// <summary>Reads label selectors.</summary>
internal static class SelectorReader
{
    private static readonly string[] s_selector = ["matchLabels", "matchExpressions"];
    private static readonly string[] s_requirement = ["key", "operator", "values"];

    /// <summary>Null if the field is absent.</summary>
    public static SelectorDraft? Read(Field field)
    {
        if (!field.IsPresent)
        {
            return null;
        }

        var before = field.ErrorCount;
        field.CheckMap();
        field.AllowOnly(s_selector);
        var labels = LabelFields.Read(field["matchLabels"]);
        var requirements = field["matchExpressions"].Items().ConvertAll(ReadRequirement);
        return new(field, labels, requirements, field.ErrorCount > before);
    }

    private static RequirementDraft ReadRequirement(Field field)
    {
        field.CheckMap();
        field.AllowOnly(s_requirement);
        return new(
            field,
            field["key"].String() ?? "",
            field["operator"].String() ?? "",
            field["values"].Items().ConvertAll(static value => (value.String() ?? "", value))
        );
    }
}
