using Podfence.TestKit;

namespace Podfence.Kubernetes.Tests;

/// <summary>One real API server for all tests that only use it. Null where there is none on this machine.</summary>
public sealed class RealServer : IAsyncLifetime
{
    private TestKit.EnvTest? _server;

    /// <summary>The server; the test is skipped where there is none.</summary>
    public TestKit.EnvTest Server
    {
        get
        {
            Assert.SkipUnless(EnvTestBinaries.SkipReason is null, EnvTestBinaries.SkipReason ?? "");
            return _server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (EnvTestBinaries.SkipReason is null)
        {
            _server = await TestKit.EnvTest.StartAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>Tests that share the real API server.</summary>
[CollectionDefinition("real API server")]
public sealed class RealServerTests : ICollectionFixture<RealServer>;
