using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Conversations;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Conversations;

internal static partial class ConversationsModule
{
    private static void MapTalks(this IEndpointRouteBuilder v1)
    {
        var conversations = v1.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapPut("/{conversationId:guid}/current", ChooseBranch.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("ChooseBranch").WithSummary("Go on with another branch").ProducesProblem(404);
        conversations.MapPost("/changes", ChangeConversations.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("ChangeConversations").WithSummary("Archive, move or delete many at once").ProducesProblem(409);

        conversations.MapGet("/search", SearchMessages.HandleAsync).Requires(Permissions.ConversationsRead).WithName("SearchMessages").WithSummary("Where in my conversations words were said, newest first");
        conversations.MapGet("/export", ExportConversations.All).Requires(Permissions.ConversationsRead).WithName("ExportConversations").WithMetadata(RateLimitClass.Expensive).WithSummary("All my conversations as a ZIP file, Markdown or JSON")
            .Produces(200, contentType: "application/zip");
        conversations.MapGet("/{conversationId:guid}/export", ExportConversations.HandleAsync).Requires(Permissions.ConversationsRead).WithName("ExportConversation").WithSummary("One conversation as Markdown or JSON")
            .Produces(200, contentType: "text/markdown").ProducesProblem(404);
        conversations.MapPost("/{conversationId:guid}/shared-links", ShareConversation.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("ShareConversation").WithSummary("A link by which anybody reads this branch as it is now")
            .ProducesProblem(404).ProducesProblem(409);
        v1.MapGet("/shared-links", ShareConversation.ListAsync).WithTags("Conversations").Requires(Permissions.ConversationsRead).WithName("ListSharedLinks").WithSummary("My links that work");
        v1.MapDelete("/shared-links/{linkId:guid}", ShareConversation.TakeBackAsync).WithTags("Conversations").Requires(Permissions.ConversationsWrite).WithName("TakeLinkBack").WithSummary("Take a link back").ProducesProblem(404);
        v1.MapGet("/shared/{token}", ShareConversation.ReadAsync).WithTags("Conversations").AllowAnonymous().WithName("ReadSharedConversation").WithMetadata(RateLimitClass.SharedPages).WithSummary("What a link shows").ProducesProblem(404);

        var prompts = v1.MapGroup("/prompts").WithTags("Prompts");
        prompts.MapGet("", Prompts.ListAsync).Requires(Permissions.ConversationsRead).WithName("ListPrompts").WithSummary("My prompts, by name; `scope=all`: and those that others share with me");
        prompts.MapPost("", Prompts.CreateAsync).Requires(Permissions.ConversationsWrite).WithName("CreatePrompt").WithSummary("Keep a prompt").ProducesProblem(409);
        prompts.MapGet("/{promptId:guid}", Prompts.GetAsync).Requires(Permissions.ConversationsRead).WithName("GetPrompt").WithSummary("One prompt that I may use").ProducesProblem(404);
        prompts.MapPut("/{promptId:guid}", Prompts.UpdateAsync).Requires(Permissions.ConversationsWrite).WithName("UpdatePrompt").WithSummary("Change a prompt").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        prompts.MapDelete("/{promptId:guid}", Prompts.DeleteAsync).Requires(Permissions.ConversationsWrite).WithName("DeletePrompt").WithSummary("Delete a prompt").ProducesProblem(403).ProducesProblem(404);
        prompts.MapGet("/{promptId:guid}/shares", SharePrompt.ListAsync).Requires(Permissions.BotsShare).WithName("ListPromptShares").WithSummary("With whom my prompt is shared").ProducesProblem(403).ProducesProblem(404);
        prompts.MapPost("/{promptId:guid}/shares", SharePrompt.HandleAsync).Requires(Permissions.BotsShare).WithName("SharePrompt").WithSummary("Let one more use my prompt, or give another right").ProducesProblem(403).ProducesProblem(404);
        prompts.MapDelete("/{promptId:guid}/shares/{shareId:guid}", SharePrompt.RemoveAsync).Requires(Permissions.BotsShare).WithName("RemovePromptShare").WithSummary("Take one share of a prompt back").ProducesProblem(403).ProducesProblem(404);

        var imports = v1.MapGroup("/imports").WithTags("Conversations");
        imports.MapPost("", Imports.UploadAsync).Requires(Permissions.ConversationsWrite).WithMetadata(new DisableRequestSizeLimitAttribute()).WithName("ImportConversations")
            .WithSummary("Bring in the export of ChatGPT or Claude: conversations.json, or the ZIP file that holds it; without `botId` for a bot that is made for them").ProducesProblem(402).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);
        imports.MapGet("", Imports.ListAsync).Requires(Permissions.ConversationsRead).WithName("ListImports").WithSummary("My last imports and what became of them");
        imports.MapGet("/{importId:guid}", Imports.GetAsync).Requires(Permissions.ConversationsRead).WithName("GetImport").WithSummary("One import").ProducesProblem(404);

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
