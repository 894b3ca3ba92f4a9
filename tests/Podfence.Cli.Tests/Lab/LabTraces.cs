using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Text;

namespace Podfence.Cli.Tests;

/// <summary>
/// What a run of the executable could leave behind. Other labs may stand on the machine: the processes of a run are
/// known by a mark in their environment, which every child inherits, and the namespaces by those processes.
/// </summary>
internal sealed class LabTraces
{
    private const string Variable = "PODFENCE_TEST_RUN";
    private const string SocketFolder = "/run/podfence/lab";

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly string[] _interfaces = OwnInterfaces();

    /// <summary>A start of the executable whose processes are known again.</summary>
    public ProcessStartInfo Mark() => new(PodfenceProgram.File) { Environment = { [Variable] = _mark } };

    /// <summary>The processes that live.</summary>
    public IReadOnlyList<int> Processes()
    {
        var sign = Encoding.ASCII.GetBytes($"{Variable}={_mark}\0");
        return
        [
            .. AllProcesses().Where(id => IsAlive(id) && ReadAll($"/proc/{id}/environ").AsSpan().IndexOf(sign) >= 0),
        ];
    }

    /// <summary>The network namespaces that the processes are in or hold open, but for that of the tests.</summary>
    public HashSet<string> Namespaces() => NamespacesOf(Processes());

    /// <summary>
    /// Asserts that no process, namespace, interface or socket is left. The kernel and init take a moment to clear up
    /// after a killed process.
    /// </summary>
    /// <param name="namespaces">The namespaces that there were.</param>
    /// <param name="lab">The lab's name, or null for a run without a name.</param>
    public async Task AssertNoneLeftAsync(HashSet<string> namespaces, string? lab)
    {
        await Eventually.TrueAsync(
            () => Processes().Count == 0,
            () => $"processes are left: {string.Join(", ", Processes().Select(CommandLineOf))}"
        );
        await Eventually.TrueAsync(
            () => !NamespacesOf(AllProcesses()).Overlaps(namespaces),
            () => "namespaces are left"
        );
        Assert.Empty(OwnInterfaces().Except(_interfaces, StringComparer.Ordinal));
        Assert.DoesNotContain(namespaces, static inode =>
            File.ReadAllText("/proc/self/mountinfo").Contains(inode, StringComparison.Ordinal)
        );
        if (lab is not null)
        {
            Assert.False(File.Exists($"{SocketFolder}/{lab}.sock"), "the socket is left");
        }
    }

    private static string[] OwnInterfaces() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().Select(static device => device.Name)];

    private static IEnumerable<int> AllProcesses() =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(static folder => Path.GetFileName(folder))
            .Where(static name => char.IsAsciiDigit(name[0]))
            .Select(int.Parse);

    private static string CommandLineOf(int process) =>
        Encoding.UTF8.GetString(ReadAll($"/proc/{process}/cmdline")).Replace('\0', ' ');

    private static bool IsAlive(int process)
    {
        var stat = Encoding.UTF8.GetString(ReadAll($"/proc/{process}/stat"));
        return stat.Length > 0 && !stat.Contains(") Z ", StringComparison.Ordinal);
    }

    private static HashSet<string> NamespacesOf(IEnumerable<int> processes)
    {
        var own = TargetOf("/proc/self/ns/net");
        return
        [
            .. processes
                .SelectMany(static id => FilesOf(id).Prepend($"/proc/{id}/ns/net"))
                .Select(TargetOf)
                .Where(target => target.StartsWith("net:[", StringComparison.Ordinal) && target != own),
        ];
    }

    private static string[] FilesOf(int process)
    {
        try
        {
            return Directory.GetFileSystemEntries($"/proc/{process}/fd");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static byte[] ReadAll(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
