using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli.Tests;

public sealed class LabDaemonOptionSetTests
{
    [Theory]
    [InlineData("", false, false, true)]
    [InlineData("--no-fence", false, false, false)]
    [InlineData("--api-server", true, true, true)]
    [InlineData("--api-server --no-fence", true, false, false)]
    public void Read_FenceAndServerOptions_SelectWhatEnforcesPolicies(
        string options,
        bool hasServer,
        bool hasAgents,
        bool isEnforced
    )
    {
        var read = Read(options);

        Assert.Equal(hasServer, read.Cluster.HasApiServer);
        Assert.Equal(hasAgents, read.Cluster.AgentCommand is not null);
        Assert.Equal(isEnforced, read.Cluster.AgentCommand is not null || read.Cluster.FenceCommand is not null);
        Assert.Equal(isEnforced ? "nftables" : "none", read.Settings["dataplane"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--api-server --no-fence --no-bridge-netfilter --deny-action drop --pod-to-node allow --name second")]
    public void Write_AnyOptions_AreReadBackTheSame(string options)
    {
        var set = new LabDaemonOptionSet();
        var verb = new Command("daemon");
        set.AddTo(verb);
        var written = set.Write(verb.Parse(["-f", "/manifests", .. Words(options)]));

        Assert.Equal(["lab", "daemon"], written.Take(2));
        Assert.Equal(written, set.Write(verb.Parse([.. written.Skip(2)])));
    }

    private static LabDaemonOptions Read(string options)
    {
        var set = new LabDaemonOptionSet();
        var verb = new Command("daemon");
        set.AddTo(verb);
        return set.Read(verb.Parse(["-f", "/manifests", .. Words(options)]));
    }

    private static string[] Words(string options) => options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
