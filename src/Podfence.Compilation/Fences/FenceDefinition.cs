using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>A fence and the definition of every set that it refers to.</summary>
internal sealed record FenceDefinition(Fence Fence, IReadOnlyDictionary<SetId, SetDefinition> Sets);
