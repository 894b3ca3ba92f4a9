namespace Podfence.KernelTests;

/// <summary>What these tests need of the machine.</summary>
internal static class Root
{
    /// <summary>Skips the test where network namespaces cannot be made.</summary>
    public static void Require() => Assert.SkipUnless(Environment.UserName == "root" || Environment.IsPrivilegedProcess, "needs root: network namespaces and nf_tables");
}
