using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>The pod that owns an address, with its namespace, or null if the namespace is not known.</summary>
internal readonly record struct AddressOwner(Pod Pod, Namespace? Namespace);
