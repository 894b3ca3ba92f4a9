using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Podfence.Base;

namespace Podfence.Lab;

/// <summary>
/// A node process that is a real agent, which watches the lab's API server as on a real node. Its status socket reports
/// its progress: a sync point is confirmed when the kernel holds every object version that was written before it.
/// </summary>
internal sealed class AgentChild(
    string node,
    NetworkNamespace where,
    IReadOnlyList<string> command,
    string socket,
    ApiObjects api,
    TimeProvider time
) : NodeProcess(node, where, command, time)
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(10);
    private static readonly Uri s_status = new("http://agent/status");
    private readonly SortedDictionary<long, Dictionary<string, ulong>> _versions = [];

    /// <summary>Records the versions that were written to the server before the sync point.</summary>
    public override void Send(IReadOnlyCollection<FenceMessage> changes, long syncPoint)
    {
        lock (Gate)
        {
            _versions[syncPoint] = new Dictionary<string, ulong>(api.Written, StringComparer.Ordinal);
        }
    }

    public override async Task WaitAsync(long syncPoint, CancellationToken cancel)
    {
        using var http = UnixHttp.CreateClient(socket);
        while (Applied < syncPoint)
        {
            try
            {
                ReadStatus(await http.GetByteArrayAsync(s_status, cancel));
            }
            catch (HttpRequestException)
            {
                // The agent is not up yet, or was killed.
            }

            if (Applied < syncPoint)
            {
                await Task.Delay(s_pollInterval, Time, cancel);
            }
        }
    }

    private protected override void RequestStop()
    {
        if (ProcessId is { } process)
        {
            _ = Libc.Kill(process, Libc.SigTerm);
        }
    }

    private protected override ProcessStartInfo StartInfo(string program) =>
        new(program) { UseShellExecute = false, RedirectStandardError = true };

    private protected override async Task ServeAsync(Process process)
    {
        await ReadErrorsAsync(process, IsErrorLine);
        await WaitForExitAsync(process);
    }

    // A log line has one event; the lab's status shows errors only.
    private static bool IsErrorLine(string line) =>
        line.Contains(" fail: ", StringComparison.Ordinal)
        || line.Contains(" crit: ", StringComparison.Ordinal)
        || line.StartsWith("podfence:", StringComparison.Ordinal);

    private void ReadStatus(byte[] status)
    {
        using var report = JsonDocument.Parse(status);
        var held = report
            .RootElement.GetProperty("sources")
            .EnumerateArray()
            .ToDictionary(
                static source => source.GetProperty("kind").GetString()!,
                static source => VersionOf(source.GetProperty("version").GetString()),
                StringComparer.Ordinal
            );
        lock (Gate)
        {
            while (
                _versions.Count > 0
                && _versions.First() is var (syncPoint, versions)
                && versions.All(pair => held.GetValueOrDefault(pair.Key) >= pair.Value)
            )
            {
                // The first sync point of a lab without objects requires no version: the agent must at least have
                // written once.
                if (held.Values.All(static version => version == 0))
                {
                    return;
                }

                _versions.Remove(syncPoint);
                Applied = syncPoint;
                LastError = null;
            }
        }
    }

    private static ulong VersionOf(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
