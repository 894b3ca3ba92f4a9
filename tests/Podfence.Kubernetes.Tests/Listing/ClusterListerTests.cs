using Podfence.Manifests;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>One list of everything, of a server that does as it should and of servers that do not.</summary>
public sealed class ClusterListerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_ManyPages_HoldsEveryObjectOnce()
    {
        await using var server = await ApiSimulator.StartAsync(new ApiSimulatorOptions { Bulk = 500 });
        Sample.Fill(server, pods: 1234);
        var decoded = new List<ListProgress>();

        var all = await ListAsync(server, new ClusterListOptions { PageSize = 100 }, new DecodedEvent(decoded));

        Assert.Equal(1234, all.Pods.Select(static pod => pod.Key).Distinct().Count());
        Assert.Equal(1234, all.Pods.Count);
        Assert.Equal(2, all.Nodes.Count);
        Assert.Equal(
            13,
            server.Requests.Count(static request =>
                request.StartsWith("/api/v1/pods?limit=100", StringComparison.Ordinal)
            )
        );
        Assert.Contains(new ListProgress("pods", 1234), decoded);
        Assert.Contains(new ListProgress("pods", 700), decoded);
    }

    [Fact]
    public async Task List_PodOfADeployment_HasItsWorkload()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Put(
            new ObjectReference("Pod", "shop", "web-5d4-x"),
            """
            {"metadata":{"name":"web-5d4-x","namespace":"shop","labels":{"pod-template-hash":"5d4"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d4","uid":"1","controller":true}]},
            "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}],"volumes":[{"name":"v"}]},"status":{"phase":"Running","podIP":"10.0.0.1"}}
            """
        );

        var pod = Assert.Single((await ListAsync(server)).Pods);

        Assert.Equal("deployment/web", pod.Workload!.ToString());
        Assert.Equal("10.0.0.1", Assert.Single(pod.Addresses).ToString());
    }

    [Fact]
    public async Task List_TwoPodsOfOneAddress_Warns()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Put(Sample.Pod("a"));
        server.Put(Sample.Pod("b"));

        var fault = Assert.Single((await ListAsync(server)).Diagnostics);

        Assert.Equal(
            "API: warning: Pod default/b: 10.0.0.2 is also the address of Pod default/a (of two pods the younger "
                + "one owns it; give each pod its own address)",
            fault.ToString()
        );
    }

    [Fact]
    public async Task List_PagesCompactedMeanwhile_IsListedAgain()
    {
        await using var server = await ApiSimulator.StartAsync();
        Sample.Fill(server, pods: 30);
        server.Faults.ForgottenPages = 2;

        Assert.Equal(30, (await ListAsync(server, new ClusterListOptions { PageSize = 10 })).Pods.Count);
    }

    [Fact]
    public async Task List_OversizedObject_IsNamedAndAPolicyIsolates()
    {
        await using var server = await ApiSimulator.StartAsync(new ApiSimulatorOptions { Bulk = 5000 });
        server.Put(Sample.Policy("wide"));
        server.Put(Sample.Pod("web"));

        var all = await ListAsync(server, new ClusterListOptions { MaxObject = 2000 });

        Assert.Empty(all.Pods);
        Assert.True(Assert.Single(all.Policies).PodSelector.Unreadable);
        Assert.Equal(
            [
                "API: warning: NetworkPolicy default/wide: the object exceeds the size limit (it isolates every "
                    + "pod of its namespace; make it shorter)",
                "API: warning: Pod default/web: the object exceeds the size limit (make it shorter)",
            ],
            all.Diagnostics.Select(static fault => fault.ToString())
        );
    }

    [Fact]
    public async Task List_TruncatedPage_Fails()
    {
        await using var server = await ApiSimulator.StartAsync();
        Sample.Fill(server, pods: 3);
        server.Faults.CutPages = 100;

        var failure = await Assert.ThrowsAsync<ClusterListException>(() => ListAsync(server));

        Assert.Contains("the server cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_CredentialsRejected_NamesTheRemedy()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Token = "other";

        var failure = await Assert.ThrowsAsync<ClusterListException>(() => ListAsync(server));

        Assert.Equal(KubeError.Unauthorized, failure.Reason);
        Assert.Contains(
            "the server rejected the credentials (log in again, or name another context with --context)",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task List_ServerBusyForAMoment_IsRetried()
    {
        await using var server = await ApiSimulator.StartAsync();
        Sample.Fill(server, pods: 3);
        server.Faults.DenyAction = 429;
        var listing = ListAsync(server);
        while (server.Requests.Count < 4)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }

        server.Faults.DenyAction = 0;

        Assert.Equal(3, (await listing).Pods.Count);
    }

    [Fact]
    public async Task List_ServerSilent_EndsInTime()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Faults.Silent = true;

        var failure = await Assert.ThrowsAsync<ClusterListException>(() =>
            ListAsync(server, client: new KubeClientOptions { ResponseTimeout = TimeSpan.FromMilliseconds(200) })
        );

        Assert.Equal(KubeError.Timeout, failure.Reason);
    }

    [Fact]
    public async Task List_NoServer_NamesTheServer()
    {
        var server = await ApiSimulator.StartAsync();
        var address = server.Address;
        await server.DisposeAsync();
        using var client = new KubeClient(ClusterAccess.To(address));

        var failure = await Assert.ThrowsAsync<ClusterListException>(() =>
            new ClusterLister(client).ListAsync(null, Token)
        );

        Assert.Equal(KubeError.ConnectionFailed, failure.Reason);
        Assert.Contains(
            $"{address} ({address}): the server cannot be reached: Connection refused",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task List_NotAnApiServer_IsReported()
    {
        await using var server = await ApiSimulator.StartAsync();
        using var client = new KubeClient(ClusterAccess.To(new Uri(server.Address, "elsewhere")));

        var failure = await Assert.ThrowsAsync<ClusterListException>(() =>
            new ClusterLister(client).ListAsync(null, Token)
        );

        Assert.Contains("not a Kubernetes API server", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Cancelled_IsCancelled()
    {
        await using var server = await ApiSimulator.StartAsync();
        server.Faults.Silent = true;
        using var client = new KubeClient(ClusterAccess.To(server.Address));
        using var stop = new CancellationTokenSource();
        var listing = new ClusterLister(client).ListAsync(null, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
    }

    private static async Task<ObjectSet> ListAsync(
        ApiSimulator server,
        ClusterListOptions? options = null,
        IProgress<ListProgress>? progress = null,
        KubeClientOptions? client = null
    )
    {
        using var speaker = new KubeClient(ClusterAccess.To(server.Address), client);
        return await new ClusterLister(speaker, options).ListAsync(progress, Token);
    }

    private sealed class DecodedEvent(List<ListProgress> all) : IProgress<ListProgress>
    {
        public void Report(ListProgress value)
        {
            lock (all)
            {
                all.Add(value);
            }
        }
    }
}
