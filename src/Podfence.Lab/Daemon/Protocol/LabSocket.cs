using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Podfence.Lab;

/// <summary>The Unix socket of a lab, accessible to root only. It is the only file of a running lab.</summary>
[SuppressMessage(
    "Interoperability",
    "CA1416",
    Justification = "the lab needs network namespaces, which only Linux has"
)]
public static class LabSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The directory of the sockets of all labs. Default: /run/podfence/lab.</summary>
    public static string Folder { get; set; } = "/run/podfence/lab";

    /// <summary>The socket of a lab.</summary>
    /// <exception cref="LabException">The name is not valid.</exception>
    public static string PathOf(string name)
    {
        var isName =
            name.Length is > 0 and <= 40
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            && name[0] != '.';
        return isName
            ? Path.Combine(Folder, $"{name}.sock")
            : throw new LabException(
                LabError.NotUp,
                $"'{name}' is not a valid lab name: use at most 40 letters, digits, dashes, dots and underscores"
            );
    }

    /// <summary>Connects to a lab; null if it is not up.</summary>
    public static async Task<Socket?> TryConnectAsync(string name, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(name)), cancel);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Starts to listen for a lab. A socket without a listener is left from a killed lab and is replaced.
    /// </summary>
    /// <exception cref="LabException">A lab of that name is up.</exception>
    internal static async Task<Socket> ListenAsync(string name, CancellationToken cancel)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Folder, OwnerOnly);
        if (await TryConnectAsync(name, cancel) is { } other)
        {
            other.Dispose();
            throw new LabException(
                LabError.AlreadyUp,
                $"lab '{name}' is already up: change it with 'podfence lab apply', stop it with 'podfence lab "
                    + "down', or use another --name"
            );
        }

        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(16);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
