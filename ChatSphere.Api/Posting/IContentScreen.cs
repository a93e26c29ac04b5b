using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Posting;

/// <summary>What somebody wants others to read.</summary>
/// <param name="Place">What kind of text it is: a message, or a name of something.</param>
/// <param name="IsEdit">It replaces something that was let through.</param>
internal sealed record WrittenContent(ContentPlace Place, Guid ServerId, Guid? ChannelId, Guid AuthorId, ServerPermissions Permissions, string Text, bool IsEdit = false);

internal enum ContentPlace
{
    Message,
    ThreadTitle,
    Nickname,
    FileName,
    PollText,
}

/// <summary>Looks at what is written in servers before it is stored: sending and editing alike, and everything else that others read. The seam of moderation.</summary>
internal interface IContentScreen
{
    /// <summary>Null: nothing against it. Otherwise the refusal.</summary>
    Task<ProblemHttpResult?> ScreenAsync(WrittenContent content, CancellationToken cancellationToken);
}
