namespace Podfence.KernelTests;

/// <summary>Requirements of these tests on the machine.</summary>
internal static class Root
{
    /// <summary>Skips the test where network namespaces cannot be created.</summary>
    public static void Require() =>
        Assert.SkipUnless(
            Environment.UserName == "root" || Environment.IsPrivilegedProcess,
            "needs root: network namespaces and nf_tables"
        );
}
