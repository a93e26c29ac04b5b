using System.ComponentModel.DataAnnotations;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Sharing;

namespace ChatSphere.Contracts.Conversations;

public sealed partial record PromptResponse
{
    /// <summary>Whose it is.</summary>
    public BotOwner? Owner { get; init; }

    /// <summary>What the caller may do: <c>use</c> it, <c>edit</c> it, or all, as its <c>owner</c>.</summary>
    public SharedRight Right { get; init; } = SharedRight.Owner;

    /// <summary>For the owner: others have it too.</summary>
    public bool IsShared { get; init; }
}

/// <param name="Right"><c>use</c> or <c>edit</c>; everyone only <c>use</c>.</param>
public sealed record SharePromptRequest([property: Required] ShareGranteeRequest Grantee, [property: Required] SharedRight? Right);

public sealed record PromptShareResponse(Guid Id, ShareGranteeResponse Grantee, SharedRight Right, DateTimeOffset CreatedAt);
