using System.Diagnostics;
using System.Globalization;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.ClusterTests;

/// <summary>A containerd of the test's own: every file and socket of it is in one folder, which goes with it.</summary>
internal sealed class Containerd : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly Process _process;

    private Containerd(string folder, Process process) => (Folder, _process) = (folder, process);

    /// <summary>A folder for the test's own files, beside containerd's.</summary>
    public string Folder { get; }

    // runc keeps its state by the names of namespaces, beside that of any other containerd of the machine.
    private string Namespace => Path.GetFileName(Folder);

    private string Socket => Path.Combine(Folder, "containerd.sock");

    /// <summary>The path of a program, which <c>eng/prepare.sh test</c> installs.</summary>
    public static string Find(string program)
    {
        var path = ProgramPath.FindSystem(program);
        Assert.True(path is not null, $"there is no {program} here: run 'eng/prepare.sh test'");
        return path;
    }

    public static async Task<Containerd> StartAsync(CancellationToken cancel)
    {
        Find("runc");
        var folder = Directory.CreateTempSubdirectory("podfence-containerd-").FullName;
        var configuration = Path.Combine(folder, "config.toml");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "{folder}/containerd.sock"
            """,
            cancel
        );
        var command = $"exec {Find("containerd")} --config {configuration} >{folder}/log 2>&1";
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!;
        var containerd = new Containerd(folder, process);
        try
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!File.Exists(containerd.Socket) || (await containerd.RunAsync("version")).ExitCode != 0)
            {
                if (process.HasExited || TimeProvider.System.GetElapsedTime(began) > s_timeout)
                {
                    Assert.Fail($"containerd does not come up: {await File.ReadAllTextAsync($"{folder}/log", cancel)}");
                }

                await Task.Delay(s_pause, TimeProvider.System, cancel);
            }

            return containerd;
        }
        catch
        {
            await containerd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads an archive.</summary>
    /// <returns>The name of the image in it.</returns>
    public async Task<string> ImportAsync(string archive)
    {
        // The native snapshotter works on every file system.
        await RequireAsync("images", "import", "--snapshotter", "native", archive);
        return (await RequireAsync("images", "list", "--quiet")).Trim();
    }

    /// <summary>A command that runs a container in the network namespace in which the command is started.</summary>
    /// <param name="image">The image's name.</param>
    /// <param name="name">The container's.</param>
    /// <param name="options">Further options of <c>ctr run</c>.</param>
    /// <param name="arguments">What runs in it.</param>
    public IReadOnlyList<string> RunCommand(
        string image,
        string name,
        IEnumerable<string> options,
        IEnumerable<string> arguments
    ) =>
        [
            // The shell becomes ctr, so $$ is ctr's own number, by which the runtime finds the namespace.
            "/bin/sh",
            "-c",
            "exec \"$@\" --with-ns network:/proc/$$/ns/net " + QuoteAll([.. options, image, name, .. arguments]),
            "ctr",
            Find("ctr"),
            "--address",
            Socket,
            "--namespace",
            Namespace,
            "run",
            "--rm",
            "--snapshotter",
            "native",
            "--cgroup",
            "",
            "--fifo-dir",
            $"{Folder}/fifo",
            "--pid-file",
            PidFile(name),
        ];

    /// <summary>The process that a container runs, by its number outside of the container.</summary>
    public int ProcessOf(string name) => int.Parse(File.ReadAllText(PidFile(name)), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        var containers = (await RunAsync("containers", "list", "--quiet")).OutputText;
        foreach (var name in containers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await RunAsync("tasks", "delete", "--force", name);
            await RunAsync("containers", "delete", name);
        }

        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string QuoteAll(string[] arguments) =>
        string.Join(' ', arguments.Select(static text => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'"));

    private string PidFile(string name) => Path.Combine(Folder, $"{name}.pid");

    private async Task<string> RequireAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"ctr {string.Join(' ', arguments)}: {result.ErrorText}");
        return result.OutputText;
    }

    private Task<ProgramResult> RunAsync(params string[] arguments)
    {
        var request = new ProgramRequest(Find("ctr"), ["--address", Socket, "--namespace", Namespace, .. arguments]);
        return ProgramRunner.RunAsync(request, TimeProvider.System, CancellationToken.None);
    }
}
