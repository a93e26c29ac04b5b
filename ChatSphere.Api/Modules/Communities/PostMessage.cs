using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using AuthorKind = ChatSphere.Data.Communities.AuthorKind;

namespace ChatSphere.Api.Modules.Communities;

internal static class PostMessage
{
    public static async Task<Results<Created<ChannelMessageResponse>, Ok<ChannelMessageResponse>, ProblemHttpResult>> HandleAsync(
        Guid channelId, PostMessageRequest request, CurrentUser user, Seats seats, ChannelPosting posting, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        return await posting.PostAsync(seat, AuthorKind.Person, user.AccountId, request, cancellationToken) switch
        {
            { Refusal: { } refusal } => refusal,
            { IsRepeat: true, Message: { } first } => TypedResults.Ok(first),
            { Message: var message } => TypedResults.Created($"/v1/channels/{channelId}/messages/{message!.Id}", message),
        };
    }
}
