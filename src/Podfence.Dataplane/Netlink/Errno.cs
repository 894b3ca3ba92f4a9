namespace Podfence.Dataplane;

/// <summary>
/// The kernel's error numbers that Podfence handles. They are those of Linux on every architecture that .NET supports.
/// </summary>
internal static class Errno
{
    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int TryAgain = 11;
    internal const int NoMemory = 12;
    internal const int Access = 13;
    internal const int Busy = 16;
    internal const int Exists = 17;
    internal const int Invalid = 22;
    internal const int TooManyFilesInSystem = 23;
    internal const int TooManyFiles = 24;
    internal const int NoSpace = 28;
    internal const int OutOfRange = 34;
    internal const int NotEmpty = 39;
    internal const int TooManyLinks = 31;
    internal const int LoopDetected = 40;
    internal const int Restart = 85;
    internal const int MessageSize = 90;
    internal const int ProtocolNotSupported = 93;
    internal const int NotSupported = 95;
    internal const int FamilyNotSupported = 97;
    internal const int NoBuffers = 105;
    internal const int TimedOut = 110;

    /// <summary>The kind of failure of an error number.</summary>
    internal static DataplaneFailure Failure(int error) =>
        error switch
        {
            NotPermitted or Access => DataplaneFailure.NotPermitted,
            NotSupported or ProtocolNotSupported or FamilyNotSupported => DataplaneFailure.NotSupported,

            // ENOTEMPTY reports an overlapping interval; ERESTART an outdated generation.
            NoEntry or Exists or Busy or NotEmpty or Restart => DataplaneFailure.Conflict,
            NoMemory or NoBuffers or MessageSize or TooManyFiles or TooManyFilesInSystem => DataplaneFailure.NoMemory,
            _ => DataplaneFailure.Rejected,
        };

    /// <summary>The name in manual pages, for people who search for it.</summary>
    internal static string Name(int error) =>
        error switch
        {
            NotPermitted => "EPERM",
            NoEntry => "ENOENT",
            TryAgain => "EAGAIN",
            NoMemory => "ENOMEM",
            Access => "EACCES",
            Busy => "EBUSY",
            Exists => "EEXIST",
            Invalid => "EINVAL",
            TooManyFilesInSystem => "ENFILE",
            TooManyFiles => "EMFILE",
            NoSpace => "ENOSPC",
            TooManyLinks => "EMLINK",
            OutOfRange => "ERANGE",
            NotEmpty => "ENOTEMPTY",
            LoopDetected => "ELOOP",
            Restart => "ERESTART",
            MessageSize => "EMSGSIZE",
            ProtocolNotSupported => "EPROTONOSUPPORT",
            NotSupported => "EOPNOTSUPP",
            FamilyNotSupported => "EAFNOSUPPORT",
            NoBuffers => "ENOBUFS",
            TimedOut => "ETIMEDOUT",
            _ => $"error {error}",
        };
}
