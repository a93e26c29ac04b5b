using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Api.Modules.Conversations;

internal static partial class ConversationsModule
{
    private static void MapTalks(this IEndpointRouteBuilder v1)
    {
        var conversations = v1.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapPut("/{conversationId:guid}/current", ChooseBranch.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("ChooseBranch").WithSummary("Go on with another branch").ProducesProblem(404);
        conversations.MapPost("/changes", ChangeConversations.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("ChangeConversations").WithSummary("Archive, move or delete many at once").ProducesProblem(409);

        var messages = conversations.MapGroup("/{conversationId:guid}/messages/{messageId:guid}");
        messages.MapGet("/siblings", ListMessages.SiblingsAsync).Requires(Permissions.ConversationsRead).WithName("ListSiblings").WithSummary("What stands in the place of a message on other branches").ProducesProblem(404);
        messages.MapPost("/answers", AnswerAgain.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("AnswerAgain").WithMetadata(RateLimitClass.Turns)
            .WithSummary("Answer this question, or the one that this answers, once more, by the same model or up to four others at once")
            .Produces<TurnResponse>(202).Produces(200, contentType: "text/event-stream").ProducesProblem(404).ProducesProblem(409);
        messages.MapPost("/continue", ContinueAnswer.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("ContinueAnswer").WithMetadata(RateLimitClass.Turns)
            .WithSummary("Have an answer that was cut off go on from its text").Produces<TurnResponse>(202).Produces(200, contentType: "text/event-stream").ProducesProblem(404).ProducesProblem(409);
        messages.MapPut("/rating", RateMessage.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("RateMessage").WithSummary("Say what I think of an answer").ProducesProblem(404);
        messages.MapDelete("/rating", RateMessage.TakeBackAsync).Requires(Permissions.ConversationsWrite).WithName("TakeBackRating").WithSummary("Take my rating back").ProducesProblem(404);

        var folders = v1.MapGroup("/folders").WithTags("Conversations");
        folders.MapGet("", Folders.ListAsync).Requires(Permissions.ConversationsRead).WithName("ListFolders").WithSummary("My folders of conversations, by name");
        folders.MapPost("", Folders.CreateAsync).Requires(Permissions.ConversationsWrite).WithName("CreateFolder").WithSummary("Add a folder").ProducesProblem(409);
        folders.MapPut("/{folderId:guid}", Folders.RenameAsync).Requires(Permissions.ConversationsWrite).WithName("RenameFolder").WithSummary("Rename a folder").ProducesProblem(404);
        folders.MapDelete("/{folderId:guid}", Folders.DeleteAsync).Requires(Permissions.ConversationsWrite).WithName("DeleteFolder").WithSummary("Delete a folder; what is in it stays").ProducesProblem(404);
        v1.MapGet("/tags", Folders.TagsAsync).WithTags("Conversations").Requires(Permissions.ConversationsRead).WithName("ListTags").WithSummary("The tags of my conversations");
    }
}
