using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Podfence.Kubernetes;
using Podfence.Model;

namespace Podfence.Agent.Tests;

public sealed class PolicyEventsTests : IDisposable
{
    private static readonly PolicyKey s_policy = new("shop", "front");
    private readonly AgentMetrics _metrics = new(
        new AgentState("n1", [], TimeSpan.FromMinutes(1), TimeProvider.System),
        "1.2"
    );
    private readonly List<PolicyEvent> _posted = [];

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Post_TheSameAgain_IsPostedOnceUntilItChanges()
    {
        await RunAsync(
            static events =>
            {
                events.Post(s_policy, PolicyEventReason.PolicyFailedClosed, "a");
                events.Post(s_policy, PolicyEventReason.PolicyFailedClosed, "a");
                events.Post(s_policy, PolicyEventReason.PolicyFailedClosed, "b");
                events.Post(s_policy, PolicyEventReason.Unreadable, "a");
                events.Post(s_policy, PolicyEventReason.PolicyFailedClosed, "a");
            },
            expected: 4
        );
        Assert.Equal(["a", "b", "a", "a"], _posted.Select(static one => one.Message));
    }

    [Fact]
    public async Task Post_LongMessage_IsTruncatedToTheServersLimit()
    {
        await RunAsync(
            static events => events.Post(s_policy, PolicyEventReason.Unreadable, new string('x', 5000)),
            expected: 1
        );
        Assert.Equal(1024, _posted[0].Message.Length);
    }

    [Fact]
    public void Post_FullQueue_NeverWaits()
    {
        var events = new PolicyEvents(static (_, _) => Task.FromResult<string?>(null), _metrics, NullLogger.Instance);
        for (var i = 0; i < 100_000; i++)
        {
            events.Post(new PolicyKey("shop", $"p{i}"), PolicyEventReason.PolicyFailedClosed, "a");
        }
    }

    [Fact]
    public void Write_Event_NamesThePolicy()
    {
        using var client = new KubeClient(ClusterAccess.To(new Uri("http://127.0.0.1:1")));
        var poster = new ApiEventPoster(
            client,
            "n1",
            new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero))
        );
        var name = new string('p', 253);
        using var json = JsonDocument.Parse(
            poster.Write(
                new PolicyEvent(new PolicyKey("shop", name), PolicyEventReason.PolicyFailedClosed, "why"),
                "uid-1"
            )
        );
        var root = json.RootElement;
        Assert.Equal("Warning", root.GetProperty("type").GetString());
        Assert.Equal("PolicyFailedClosed", root.GetProperty("reason").GetString());
        Assert.Equal("2026-11-22T10:00:00Z", root.GetProperty("firstTimestamp").GetString());
        Assert.Equal(
            ("NetworkPolicy", name, "uid-1"),
            (
                root.GetProperty("involvedObject").GetProperty("kind").GetString(),
                root.GetProperty("involvedObject").GetProperty("name").GetString(),
                root.GetProperty("involvedObject").GetProperty("uid").GetString()
            )
        );
        Assert.InRange(root.GetProperty("metadata").GetProperty("name").GetString()!.Length, 1, 253);
    }

    [Fact]
    public void Write_TheSameOnTwoNodes_HasTheSameName()
    {
        using var client = new KubeClient(ClusterAccess.To(new Uri("http://127.0.0.1:1")));
        string NameOn(string node, string message)
        {
            using var json = JsonDocument.Parse(
                new ApiEventPoster(client, node, TimeProvider.System).Write(
                    new PolicyEvent(s_policy, PolicyEventReason.PolicyFailedClosed, message),
                    "uid-1"
                )
            );
            return json.RootElement.GetProperty("metadata").GetProperty("name").GetString()!;
        }

        Assert.Equal(NameOn("n1", "a"), NameOn("n2", "a"));
        Assert.NotEqual(NameOn("n1", "a"), NameOn("n1", "b"));
    }

    private async Task RunAsync(Action<PolicyEvents> act, int expected)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var events = new PolicyEvents(
            (one, _) =>
            {
                _posted.Add(one);
                if (_posted.Count == expected)
                {
                    end.Cancel();
                }

                return Task.FromResult<string?>(null);
            },
            _metrics,
            NullLogger.Instance
        );
        act(events);
        end.CancelAfter(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => events.RunAsync(end.Token));
        Assert.Equal(expected, _posted.Count);
    }
}
