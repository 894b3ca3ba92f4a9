using Podfence.Manifests;
using Podfence.Model;


namespace Podfence.Kubernetes;

/// <summary>A cluster could not be read. The message says whose fault it is and what to do, and holds no secret.</summary>
public sealed class ClusterListException : Exception
{
    internal ClusterListException(string message, KubeException cause)
        : base(message, cause) => Reason = cause.Reason;

    /// <summary>Why, of the first list that failed.</summary>
    public KubeError Reason { get; }
}

/// <summary>Says what failed lists mean to the person who asked.</summary>
internal static class ListFailures
{
    /// <summary>The failure of lists that cannot be done without.</summary>
    public static ClusterListException Of(ClusterAccess access, IReadOnlyList<KindLister> failed)
    {
        // What is wrong with the server or the credentials goes before rights, which cannot be judged then.
        var first = failed.FirstOrDefault(static listing => listing.Failure!.Reason is not (KubeError.Forbidden or KubeError.NotFound))?.Failure ?? failed[0].Failure!;
        return new(Message(access, first, [.. failed.Where(static listing => listing.Failure!.Reason == KubeError.Forbidden).Select(static listing => listing.Kind.Resource)]), first);
    }

    /// <summary>The warning for a kind that is left out; null where the server does not serve it, so that there can be none.</summary>
    public static Diagnostic? LeftOut(KindLister listing) => listing.Failure!.Reason == KubeError.NotFound
        ? null
        : new(DiagnosticSeverity.Warning, default, null, null, $"{listing.Kind.Resource} may not be listed: {listing.Kind.WithoutIt}", $"grant the verb list on {listing.Kind.Resource}");

    private static string Message(ClusterAccess access, KubeException failure, List<string> forbidden) => failure.Reason switch
    {
        KubeError.Forbidden => $"{access}: this user may not list {string.Join(", ", forbidden)} in all namespaces, which policies look across (the server says: {Said(failure)}). "
            + $"Have it granted, as by kubectl create clusterrole podfence-reader --verb=list --resource={string.Join(',', ListedKind.All.Select(static kind => kind.Resource))}, "
            + "or read files with -f",
        KubeError.Unauthorized => $"{access}: the server does not take the credentials (log in anew, or name another context with --context)",
        KubeError.CredentialsFailed => failure.InnerException?.Message ?? failure.Message,
        KubeError.ConnectionFailed or KubeError.ConnectionLost => $"{access}: the server cannot be reached: {Said(failure)} (is it up, and is the address right? another context is named with --context)",
        KubeError.Timeout => $"{access}: the server does not answer in time: {Said(failure)} (is it up, and is the way to it open?)",
        KubeError.TlsFailed => $"{access}: no secure connection: {Said(failure)} (check certificate-authority and the server's name in the kubeconfig)",
        KubeError.NotFound => $"{access}: this is no Kubernetes API server, or one without NetworkPolicy: {failure.Message} (correct the server's address)",
        _ => $"{access}: {failure.Message} (try again; if it stays so, look at the server's log)",
    };

    // The request that failed first is of no interest.
    private static string Said(KubeException failure)
    {
        var request = failure.Message.IndexOf(": ", StringComparison.Ordinal);
        var text = request < 0 ? failure.Message : failure.Message[(request + 2)..];
        const string Status = "403 Forbidden: ";
        return text.StartsWith(Status, StringComparison.Ordinal) ? text[Status.Length..] : text;
    }
}
