using Podfence.Manifests;

namespace Podfence.Kubernetes;

/// <summary>
/// The kubeconfigs in use, in order. If several define the same entry, the first definition counts as a whole; the
/// current context is the first that is set.
/// </summary>
/// <remarks>
/// The rules are kubectl's: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
/// </remarks>
internal sealed class KubeconfigFiles
{
    private readonly List<ConfigNode> _roots;

    private KubeconfigFiles(List<ConfigNode> roots) => _roots = roots;

    /// <summary>The files' names.</summary>
    public string Paths => string.Join(Path.PathSeparator, _roots.Select(static root => root.File));

    /// <summary>Finds and reads the files; null if there is none and none was requested.</summary>
    /// <exception cref="AccessException">A requested file does not exist, or a file cannot be read.</exception>
    public static KubeconfigFiles? Find(AccessOptions options)
    {
        if (options.Kubeconfig is { } asked)
        {
            return new KubeconfigFiles([
                Read(asked) ?? throw new AccessException($"{asked}: kubeconfig not found (correct --kubeconfig)"),
            ]);
        }

        if (options.Environment("KUBECONFIG") is { Length: > 0 } list)
        {
            const StringSplitOptions Options = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
            var files = list.Split(Path.PathSeparator, Options).Distinct(StringComparer.Ordinal);
            var roots = files.Select(Read).OfType<ConfigNode>().ToList();
            return roots.Count > 0
                ? new KubeconfigFiles(roots)
                : throw new AccessException($"{list}: kubeconfig not found (correct or unset KUBECONFIG)");
        }

        return
            options.Environment("HOME") is { Length: > 0 } home
            && Read(Path.Combine(home, ".kube", "config")) is { } own
            ? new KubeconfigFiles([own])
            : null;
    }

    /// <summary>The names of <c>clusters</c>, <c>users</c> or <c>contexts</c>.</summary>
    /// <exception cref="AccessException">An entry has the wrong form.</exception>
    public IReadOnlyList<string> Names(string list) =>
        [
            .. _roots
                .SelectMany(root => root[list].Items())
                .Select(static item => item["name"].Text())
                .OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>The first value of a field that is set.</summary>
    public string? First(string field) =>
        _roots.Select(root => root[field].Text()).FirstOrDefault(static text => text is not null);

    /// <summary>The first definition of an entry.</summary>
    /// <param name="list"><c>clusters</c>, <c>users</c> or <c>contexts</c>.</param>
    /// <param name="content"><c>cluster</c>, <c>user</c> or <c>context</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="namedBy">What refers to it, for the message.</param>
    /// <exception cref="AccessException">No file defines it.</exception>
    public ConfigNode Find(string list, string content, string name, string namedBy)
    {
        foreach (var root in _roots)
        {
            if (root[list].Named(name, content) is { IsPresent: true } found)
            {
                return found;
            }
        }

        var there = Names(list);
        var remedy = there.Count == 0 ? $"no {list} are defined: add one" : $"available: {string.Join(", ", there)}";
        throw new AccessException($"{Paths}: {list}: {content} {name}, named by {namedBy}, is not defined ({remedy})");
    }

    private static ConfigNode? Read(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new AccessException(
                $"{file}: the kubeconfig cannot be read: {fault.Message} (let this user read it, or name another)",
                fault
            );
        }

        var document = YamlDocuments
            .Read(text)
            .FirstOrDefault(static document => document.Root is not null || document.SyntaxErrors.Count > 0);
        if (document is { SyntaxErrors: [var first, ..] })
        {
            throw new AccessException($"{file}:{first.Line}: {first.Message} ({first.Remedy ?? "correct the file"})");
        }

        return document?.Root is null or TreeMap or TreeScalar { Kind: ScalarKind.Null }
            ? new ConfigNode(document?.Root, file, "")
            : throw new AccessException($"{file}: not a kubeconfig (expected `apiVersion: v1`, `kind: Config`)");
    }
}
