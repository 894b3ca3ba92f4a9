using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace Podfence.Lab;

/// <summary>
/// The fence of a node that asks the lab's API server by itself: an agent, as on a real node. How far it is, it says on its status socket: a barrier is confirmed when the kernel
/// holds every version that was written before it.
/// </summary>
internal sealed class AgentChild(string node, NetworkNamespace where, IReadOnlyList<string> command, string socket, ApiObjects api, TimeProvider time)
    : NodeProcess(node, where, command, time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private readonly SortedDictionary<long, Dictionary<string, ulong>> _asked = [];

    /// <summary>Takes note of what was posted to the server before.</summary>
    public override void Tell(IReadOnlyCollection<FenceMessage> changes, long barrier)
    {
        lock (Gate)
        {
            _asked[barrier] = new Dictionary<string, ulong>(api.Written, StringComparer.Ordinal);
        }
    }

    public override async Task WaitAsync(long barrier, CancellationToken cancel)
    {
        using var http = UnixHttp.Client(socket);
        while (Applied < barrier)
        {
            try
            {
                Hear(await http.GetByteArrayAsync(UnixHttp.Status, cancel));
            }
            catch (HttpRequestException)
            {
                // It is not up yet, or was killed.
            }

            if (Applied < barrier)
            {
                await Task.Delay(s_pause, Time, cancel);
            }
        }
    }

    private protected override void AskToEnd()
    {
        if (ProcessId is { } process)
        {
            _ = Libc.Kill(process, Libc.SigTerm);
        }
    }

    private protected override ProcessStartInfo StartInfo(string program) => new(program) { UseShellExecute = false, RedirectStandardError = true };

    private protected override async Task AttendAsync(Process process)
    {
        // One line of its log has one event; errors are what a lab's status has room for.
        await ReadErrorsAsync(process, static line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal) || line.StartsWith("podfence:", StringComparison.Ordinal));
        await EndAsync(process);
    }

    private void Hear(byte[] status)
    {
        using var report = JsonDocument.Parse(status);
        var held = report.RootElement.GetProperty("sources").EnumerateArray().ToDictionary(
            static source => source.GetProperty("kind").GetString()!,
            static source => ulong.TryParse(source.GetProperty("version").GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0,
            StringComparer.Ordinal);
        lock (Gate)
        {
            while (_asked.Count > 0 && _asked.First() is var (barrier, versions) && versions.All(pair => held.GetValueOrDefault(pair.Key) >= pair.Value))
            {
                // The first barrier of a lab without objects asks for no version; that the agent has written at all is the least.
                if (held.Values.All(static version => version == 0))
                {
                    return;
                }

                _asked.Remove(barrier);
                Applied = barrier;
                LastError = null;
            }
        }
    }
}

/// <summary>HTTP over a unix socket.</summary>
internal static class UnixHttp
{
    public static Uri Status { get; } = new("http://agent/status");

    public static HttpClient Client(string path) => new(
        new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        },
        disposeHandler: true);
}
