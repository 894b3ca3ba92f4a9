using System.Runtime.InteropServices;
using Podfence.Dataplane.Nftables;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class NetlinkFailureTests
{
    [Fact]
    public void Describe_ExpressionThatTheKernelLacks_NotSupported()
    {
        NftOperation[] operations =
        [
            new AddTable(),
            new AddRules("deny", [new NftRule([new L4ProtocolMatch(6), new RejectStatement(true)])]),
        ];
        using var writer = new NetlinkWriter();
        var batch = new BatchEncoder(writer, 100);
        batch.Encode(operations);
        var offset = (uint)(writer.Written.IndexOf("reject"u8) - 8 - batch.Messages[1].Start);

        var error = BatchFailure.Describe(
            new NetlinkResponse(102, Errno.NoEntry, null, offset),
            100,
            batch.Messages,
            operations,
            writer.Written
        );

        Assert.Equal(DataplaneFailure.NotSupported, error.Failure);
        Assert.Equal(
            "the kernel rejected operation 2 of 2, add rule 1 of 1 to chain deny at expression reject: ENOENT",
            error.Message
        );
    }

    [Fact]
    public void Describe_BatchAsAWhole_HasTheKernelsWords()
    {
        var error = BatchFailure.Describe(
            new NetlinkResponse(7, Errno.NoMemory, "no room", null),
            7,
            [],
            [new AddTable()],
            default
        );

        Assert.Equal(DataplaneFailure.NoMemory, error.Failure);
        Assert.Equal("the kernel rejected a transaction of 1 operations: ENOMEM, no room", error.Message);
    }

    [Fact]
    public void Run_WithoutPrivilege_NotPermitted()
    {
        Assert.SkipUnless(PrivateNetns.IsPermitted, PrivateNetns.SkipReason);
        using var netns = new PrivateNetns();

        var error = netns.Run(() =>
        {
            // The bare system call: it changes this thread alone, which ends with the test.
            const int unprivileged = 65534;
            Assert.Equal(
                0,
                SetUserIds(
                    RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117,
                    unprivileged,
                    unprivileged,
                    unprivileged
                )
            );
            using var kernel = NetlinkKernel.Open();
            Assert.Equal(DataplaneFailure.NotPermitted, Assert.Throws<DataplaneException>(() => kernel.Read()).Failure);
            return Assert.Throws<DataplaneException>(() => kernel.Run([new AddTable()]));
        });

        Assert.Equal(DataplaneFailure.NotPermitted, error.Failure);
        Assert.Contains("EPERM", error.Message, StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetUserIds(nint number, nint real, nint effective, nint saved);
}
