using System.Text;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;

namespace Podfence.TestKit;

/// <summary>Exceptions of the fake, by the kinds of failure of the kernel.</summary>
internal static class FakeFailures
{
    /// <summary>ENOENT, EEXIST, EBUSY: the table is not as the transaction expects.</summary>
    public static DataplaneException Conflict(string message) => new(DataplaneFailure.Conflict, message);

    /// <summary>EINVAL and its kin: no table takes such a thing.</summary>
    public static DataplaneException Rejected(string message) => new(DataplaneFailure.Rejected, message);

    public static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw Rejected(message);
        }
    }

    public static void CheckName(string name) =>
        Require(NftLimits.IsName(name), $"'{name}' is not a name that the kernel takes");

    public static void CheckComment(string? comment) =>
        Require(
            comment is null || (comment.Length > 0 && Encoding.UTF8.GetByteCount(comment) <= NftComment.MaxBytes),
            $"comment '{comment}' is empty or too long"
        );
}
