using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Http;

/// <summary>Says of whoever opened a stream whether they may still read it: what was allowed at the start may have been taken away since.</summary>
internal interface IStreamAccess
{
    /// <summary>As of a few seconds ago. Throws what a database that is away throws.</summary>
    ValueTask<bool> MayAsync(CurrentUser user, Permission permission, CancellationToken cancellationToken);
}
