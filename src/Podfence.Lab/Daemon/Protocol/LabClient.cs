using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The client of a running lab. Each request uses its own connection.</summary>
/// <param name="name">The lab's name.</param>
public sealed class LabClient(string name)
{
    /// <summary>The state of the lab.</summary>
    /// <exception cref="LabException">The lab is not up or reports an error; so for every method.</exception>
    public async Task<LabStatus> StatusAsync(CancellationToken cancel) =>
        (await SendAsync(new() { Verb = "status" }, null, cancel)).Status!;

    /// <summary>All objects, including assigned nodes and addresses.</summary>
    public async Task<IReadOnlyList<ClusterObject>> ObjectsAsync(CancellationToken cancel) =>
        [.. (await SendAsync(new() { Verb = "objects" }, null, cancel)).Objects!.Select(ObjectCodec.Read)];

    /// <summary>The objects that manifests define, without namespaces that they only mention.</summary>
    public static IReadOnlyList<ClusterObject> Stated(ObjectSet manifests) => [.. DesiredObjects.Stated(manifests)];

    /// <summary>Applies objects; on return they are up and all rules are in place.</summary>
    public Task ApplyAsync(IEnumerable<ClusterObject> items, IProgress<string>? progress, CancellationToken cancel) =>
        SendAsync(new() { Verb = "apply", Objects = [.. items.Select(ObjectCodec.Write)] }, progress, cancel);

    /// <summary>Deletes objects; on return they are removed.</summary>
    public Task DeleteAsync(
        IEnumerable<ObjectReference> references,
        IProgress<string>? progress,
        CancellationToken cancel
    ) =>
        SendAsync(
            new()
            {
                Verb = "delete",
                References =
                [
                    .. references.Select(static item => new ReferenceMessage(item.Kind, item.Namespace, item.Name)),
                ],
            },
            progress,
            cancel
        );

    /// <summary>Waits until every node has confirmed all changes.</summary>
    public Task WaitFencedAsync(CancellationToken cancel) => SendAsync(new() { Verb = "fenced" }, null, cancel);

    /// <summary>Probes flows.</summary>
    public async Task<IReadOnlyList<ProbeResult>> ProbeAsync(
        IReadOnlyList<LabFlow> flows,
        TimeSpan timeout,
        CancellationToken cancel
    )
    {
        var request = new ControlRequest
        {
            Verb = "probe",
            Flows = [.. flows.Select(FlowCodec.Write)],
            TimeoutMilliseconds = (int)timeout.TotalMilliseconds,
        };
        var results = (await SendAsync(request, null, cancel)).Results!;
        return [.. flows.Zip(results, static (flow, result) => FlowCodec.Read(flow, result))];
    }

    /// <summary>
    /// The path of the namespace of <c>NAMESPACE/POD</c>, <c>node:NAME</c> or <c>external</c>, to run programs in.
    /// </summary>
    public async Task<string> NamespacePathAsync(string target, CancellationToken cancel) =>
        (await SendAsync(new() { Verb = "exec", Target = target }, null, cancel)).NamespacePath!;

    /// <summary>Stops the lab; on return everything is removed.</summary>
    public Task DownAsync(IProgress<string>? progress, CancellationToken cancel) =>
        SendAsync(new() { Verb = "down" }, progress, cancel);

    private async Task<ControlReply> SendAsync(
        ControlRequest request,
        IProgress<string>? progress,
        CancellationToken cancel
    )
    {
        using var socket = await LabSocket.TryConnectAsync(name, cancel)
            ?? throw new LabException(
                LabError.NotUp,
                $"lab '{name}' is not up: start it with 'podfence lab up -f "
                    + $"FOLDER{(name == "default" ? "" : $" --name {name}")}'"
            );
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(
            Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest) + "\n"),
            cancel
        );
        using var reader = new StreamReader(stream, Encoding.UTF8);
        try
        {
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                var reply = JsonSerializer.Deserialize(line, ControlJson.Default.ControlReply)!;
                if (reply.Progress is { } progressText)
                {
                    progress?.Report(progressText);
                    continue;
                }

                return reply.Error is null
                    ? reply
                    : throw new LabException(
                        Enum.TryParse<LabError>(reply.ErrorKind, out var kind) ? kind : LabError.Protocol,
                        reply.Error
                    );
            }
        }
        catch (Exception cut) when (cut is IOException or JsonException)
        {
            throw new LabException(LabError.Protocol, $"lab '{name}' closed the connection: {cut.Message}", cut);
        }

        throw new LabException(LabError.Protocol, $"lab '{name}' closed the connection without a response");
    }
}
