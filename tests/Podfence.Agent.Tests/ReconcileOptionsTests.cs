namespace Podfence.Agent.Tests;

public sealed class ReconcileOptionsTests
{
    public static TheoryData<string, ReconcileOptions> Refused =>
        new()
        {
            {
                "MinInterval",
                new ReconcileOptions { MinInterval = TimeSpan.FromTicks(-1) }
            },
            {
                "RetryInterval",
                new ReconcileOptions { RetryInterval = TimeSpan.Zero }
            },
            {
                "MaxRetryInterval",
                new ReconcileOptions { MaxRetryInterval = TimeSpan.FromMilliseconds(49) }
            },
            {
                "MaxRetryInterval",
                new ReconcileOptions { MaxRetryInterval = TimeSpan.MaxValue }
            },
            {
                "DriftInterval",
                new ReconcileOptions { DriftInterval = Timeout.InfiniteTimeSpan }
            },
            {
                "MaxVerifyFraction",
                new ReconcileOptions { MaxVerifyFraction = 1.5 }
            },
            {
                "QueueCapacity",
                new ReconcileOptions { QueueCapacity = 0 }
            },
            {
                "MaxBatch",
                new ReconcileOptions { MaxBatch = 0 }
            },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Validate_OutOfRange_NamesTheOption(string option, ReconcileOptions options) =>
        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);

    [Fact]
    public void Validate_DefaultsAndLimits_Pass()
    {
        new ReconcileOptions().Validate();
        new ReconcileOptions
        {
            MinInterval = TimeSpan.Zero,
            MaxVerifyFraction = 1,
            QueueCapacity = 1,
            MaxBatch = 1,
            DriftInterval = TimeSpan.FromDays(1),
        }.Validate();
    }
}
