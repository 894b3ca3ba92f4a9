using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>A fence that could not be built. Its pods are refused everything in its direction until one of its policies changes; all others are not affected.</summary>
/// <param name="Policies">The policies that isolate the pods, one of which is the cause.</param>
/// <param name="Direction">The direction.</param>
/// <param name="Cause">What went wrong.</param>
public sealed record FenceBuildFailure(EquatableArray<PolicyKey> Policies, Direction Direction, Exception Cause);
