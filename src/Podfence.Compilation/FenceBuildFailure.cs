using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// A fence that could not be built. All traffic of its pods in its direction is denied until one of its policies
/// changes; no other fence is affected.
/// </summary>
/// <param name="Policies">The policies that isolate the pods. One of them is the cause.</param>
/// <param name="Direction">The direction.</param>
/// <param name="Cause">The error.</param>
public sealed record FenceBuildFailure(EquatableArray<PolicyKey> Policies, Direction Direction, Exception Cause);
