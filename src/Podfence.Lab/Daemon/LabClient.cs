using System.Net.Sockets;
using System.Text.Json;
using System.Text;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Talks to a lab that is up. Each question has a connection of its own.</summary>
/// <param name="name">The lab's name.</param>
public sealed class LabClient(string name)
{
    /// <summary>The lab as it is.</summary>
    /// <exception cref="LabException">It is not up, or could not do it; so for every method.</exception>
    public async Task<LabStatus> StatusAsync(CancellationToken cancel) => (await AskAsync(new() { Verb = "status" }, null, cancel)).Status!;

    /// <summary>All objects, with everything that was chosen for them.</summary>
    public async Task<IReadOnlyList<ClusterObject>> ObjectsAsync(CancellationToken cancel) =>
        [.. (await AskAsync(new() { Verb = "objects" }, null, cancel)).Objects!.Select(ObjectText.Read)];

    /// <summary>What manifests state, without the namespaces that they only mention: those may be stated better in the lab.</summary>
    public static IReadOnlyList<ClusterObject> Stated(ObjectSet manifests) => [.. DesiredObjects.Stated(manifests)];

    /// <summary>Applies objects; on return they are reachable and fenced.</summary>
    public Task ApplyAsync(IEnumerable<ClusterObject> items, IProgress<string>? progress, CancellationToken cancel) =>
        AskAsync(new() { Verb = "apply", Objects = [.. items.Select(ObjectText.Write)] }, progress, cancel);

    /// <summary>Deletes objects; on return they are gone.</summary>
    public Task DeleteAsync(IEnumerable<ObjectReference> references, IProgress<string>? progress, CancellationToken cancel) =>
        AskAsync(new() { Verb = "delete", References = [.. references.Select(static item => new ReferenceMessage(item.Kind, item.Namespace, item.Name))] }, progress, cancel);

    /// <summary>Waits until every fence has confirmed all it was told.</summary>
    public Task WaitFencedAsync(CancellationToken cancel) => AskAsync(new() { Verb = "fenced" }, null, cancel);

    /// <summary>Probes flows.</summary>
    public async Task<IReadOnlyList<ProbeResult>> ProbeAsync(IReadOnlyList<LabFlow> flows, TimeSpan timeout, CancellationToken cancel)
    {
        var request = new ControlRequest { Verb = "probe", Flows = [.. flows.Select(FlowText.Write)], TimeoutMilliseconds = (int)timeout.TotalMilliseconds };
        var results = (await AskAsync(request, null, cancel)).Results!;
        return [.. flows.Zip(results, static (flow, result) => FlowText.Read(flow, result))];
    }

    /// <summary>The path of a namespace to start programs in: <c>NAMESPACE/POD</c>, <c>node:NAME</c> or <c>external</c>.</summary>
    public async Task<string> NamespacePathAsync(string target, CancellationToken cancel) =>
        (await AskAsync(new() { Verb = "exec", Target = target }, null, cancel)).NamespacePath!;

    /// <summary>Takes the lab down; on return nothing of it is left.</summary>
    public Task DownAsync(IProgress<string>? progress, CancellationToken cancel) => AskAsync(new() { Verb = "down" }, progress, cancel);

    private async Task<ControlReply> AskAsync(ControlRequest request, IProgress<string>? progress, CancellationToken cancel)
    {
        using var socket = await LabSocket.TryConnectAsync(name, cancel)
            ?? throw new LabException(LabError.NotUp, $"lab '{name}' is not up: start it with 'podfence lab up -f FOLDER{(name == "default" ? "" : $" --name {name}")}'");
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest) + "\n"), cancel);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        try
        {
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                var reply = JsonSerializer.Deserialize(line, ControlJson.Default.ControlReply)!;
                if (reply.Progress is { } said)
                {
                    progress?.Report(said);
                    continue;
                }

                return reply.Error is null ? reply : throw new LabException(Enum.TryParse<LabError>(reply.ErrorKind, out var kind) ? kind : LabError.Protocol, reply.Error);
            }
        }
        catch (Exception cut) when (cut is IOException or JsonException)
        {
            throw new LabException(LabError.Protocol, $"lab '{name}' closed the connection: {cut.Message}", cut);
        }

        throw new LabException(LabError.Protocol, $"lab '{name}' closed the connection without a response");
    }
}
