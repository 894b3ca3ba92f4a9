using Podfence.Base;

namespace Podfence.Manifests;

/// <summary>The API server's validation of label selectors.</summary>
internal static class SelectorValidator
{
    private static readonly string[] s_operators = ["In", "NotIn", "Exists", "DoesNotExist"];

    public static void Validate(SelectorDraft? selector)
    {
        if (selector is null)
        {
            return;
        }

        LabelFields.Validate(selector.MatchLabels, selector.At["matchLabels"]);
        foreach (var requirement in selector.MatchExpressions)
        {
            Validate(requirement);
        }
    }

    private static void Validate(RequirementDraft requirement)
    {
        var values = requirement.At["values"];
        switch (requirement.Operator)
        {
            case "In" or "NotIn":
                if (requirement.Values.Count == 0)
                {
                    values.Required("must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (requirement.Values.Count > 0)
                {
                    values.Forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            default:
                var guess = DidYouMean.Closest(requirement.Operator, s_operators);
                var remedy = guess is null ? $"one of {string.Join(", ", s_operators)}" : $"did you mean {guess}?";
                requirement.At["operator"].Invalid(requirement.Operator, "not a valid selector operator", remedy);
                break;
        }

        foreach (var message in NameValidation.LabelKey(requirement.Key))
        {
            requirement.At["key"].Invalid(requirement.Key, message);
        }

        foreach (var (text, at) in requirement.Values)
        {
            foreach (var message in NameValidation.LabelValue(text))
            {
                at.Invalid(text, message);
            }
        }
    }
}
