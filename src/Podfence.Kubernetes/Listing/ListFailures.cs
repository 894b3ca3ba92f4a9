using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>A cluster could not be read. The message names the cause and the remedy, and contains no secret.</summary>
public sealed class ClusterListException : Exception
{
    internal ClusterListException(string message, KubeException cause)
        : base(message, cause) => Reason = cause.Reason;

    /// <summary>The reason of the first list that failed.</summary>
    public KubeError Reason { get; }
}

/// <summary>Describes failed lists to the user.</summary>
internal static class ListFailures
{
    private static IEnumerable<string> AllResources => ListedKind.All.Select(static kind => kind.Resource);

    /// <summary>The failure of required lists.</summary>
    public static ClusterListException Of(ClusterAccess access, IReadOnlyList<KindLister> failed)
    {
        // A problem with the server or the credentials takes precedence over permissions, which cannot be judged then.
        var failures = failed.Select(static lister => lister.Failure!).ToList();
        var first = failures.Find(static failure => failure.Reason is not (KubeError.Forbidden or KubeError.NotFound))
            ?? failures[0];
        var forbidden = failed
            .Where(static lister => lister.Failure!.Reason == KubeError.Forbidden)
            .Select(static lister => lister.Kind.Resource);
        return new(Message(access, first, [.. forbidden]), first);
    }

    /// <summary>
    /// The warning for a skipped kind; null if the server does not serve it, so that there are no such objects.
    /// </summary>
    public static Diagnostic? SkippedWarning(KindLister lister) =>
        lister.Failure!.Reason == KubeError.NotFound
            ? null
            : new(
                DiagnosticSeverity.Warning,
                default,
                null,
                null,
                $"{lister.Kind.Resource} may not be listed: {lister.Kind.OptionalNote}",
                $"grant the verb list on {lister.Kind.Resource}"
            );

    private static string Message(ClusterAccess access, KubeException failure, List<string> forbidden) =>
        failure.Reason switch
        {
            KubeError.Forbidden =>
                $"{access}: this user may not list {string.Join(", ", forbidden)} in all namespaces, which is required "
                    + $"(server: {ErrorText(failure)}). Grant it, for example with kubectl create clusterrole "
                    + $"podfence-reader "
                    + $"--verb=list --resource={string.Join(',', AllResources)}, or read files with -f",
            KubeError.Unauthorized =>
                $"{access}: the server rejected the credentials (log in again, or name another context with --context)",
            KubeError.CredentialsFailed => failure.InnerException?.Message ?? failure.Message,
            KubeError.ConnectionFailed or KubeError.ConnectionLost =>
                $"{access}: the server cannot be reached: {ErrorText(failure)} (is it running, and is the address "
                    + $"right? "
                    + "select another context with --context)",
            KubeError.Timeout =>
                $"{access}: the server does not respond in time: {ErrorText(failure)} (is it running, and is the "
                    + $"network "
                    + "path to it open?)",
            KubeError.TlsFailed =>
                $"{access}: no secure connection: {ErrorText(failure)} (check certificate-authority and the server's "
                    + "name in the kubeconfig)",
            KubeError.NotFound =>
                $"{access}: not a Kubernetes API server, or one without NetworkPolicy: {failure.Message} (correct the "
                    + "server's address)",
            _ => $"{access}: {failure.Message} (try again; if it persists, check the server's log)",
        };

    // Without the request, which the user did not make.
    private static string ErrorText(KubeException failure)
    {
        var request = failure.Message.IndexOf(": ", StringComparison.Ordinal);
        var text = request < 0 ? failure.Message : failure.Message[(request + 2)..];
        const string Status = "403 Forbidden: ";
        return text.StartsWith(Status, StringComparison.Ordinal) ? text[Status.Length..] : text;
    }
}
