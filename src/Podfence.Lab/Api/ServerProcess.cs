using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Podfence.Base;
using Podfence.Kubernetes;

namespace Podfence.Lab;

/// <summary>A server that was started here: its words go to a file, and it is ended by us.</summary>
internal sealed class ServerProcess
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly Process _process;
    private readonly string _log;
    private readonly Task _words;

    private ServerProcess(Process process, string log)
    {
        _process = process;
        _log = log;
        _words = CopyAsync();
    }

    /// <summary>Starts a program.</summary>
    public static ServerProcess Start(string program, string log, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return new ServerProcess(ProgramStarter.Start(info), log);
    }

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="LabException">It ends, or takes too long; the message has its last words.</exception>
    public async Task UntilAsync(Func<Task<bool>> answers, TimeSpan patience, CancellationToken cancel)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await TryAsync(answers); await Task.Delay(s_pause, TimeProvider.System, cancel))
        {
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(began) > patience)
            {
                var words = string.Join('\n', File.ReadLines(_log).TakeLast(5));
                throw new LabException(LabError.ToolFailed, $"{_process.StartInfo.FileName} {(_process.HasExited ? $"ended with code {_process.ExitCode}" : $"is not ready after {patience.TotalSeconds:0} s")}:\n{words}");
            }
        }
    }

    /// <summary>Ends it at once.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _words;
    }

    private static async Task<bool> TryAsync(Func<Task<bool>> answers)
    {
        try
        {
            return await answers();
        }
        catch (Exception notYet) when (notYet is HttpRequestException or KubeException or AccessException or IOException)
        {
            return false;
        }
    }

    private async Task CopyAsync()
    {
        await using var file = new FileStream(_log, FileMode.Append, FileAccess.Write, FileShare.Read);
        await _process.StandardError.BaseStream.CopyToAsync(file);
    }
}

/// <summary>Ports of the loopback address that nobody has.</summary>
internal static class LoopbackPorts
{
    /// <summary>So many different ones. Somebody may take one before it is used; then its user says so.</summary>
    public static int[] Free(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        try
        {
            sockets.ForEach(static socket => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)));
            return [.. sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }
}
