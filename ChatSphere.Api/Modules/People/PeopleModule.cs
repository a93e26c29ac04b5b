using ChatSphere.Api.Pictures;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.People;

internal static class PeopleModule
{
    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder v1)
    {
        var me = v1.MapGroup("/accounts/me").WithTags("Profile");
        me.MapGet("/profile", GetProfile.HandleAsync).Requires(Permissions.AccountRead).WithName("GetProfile").WithSummary("What others see of me");
        me.MapPatch("/profile", UpdateProfile.HandleAsync).Requires(Permissions.AccountManage).WithName("UpdateProfile").WithSummary("Change what is given").ProducesProblem(409);
        me.MapPut("/avatar", PutAvatar.HandleAsync).Requires(Permissions.AccountManage).WithName("PutAvatar").WithSummary("My picture: the bytes of a PNG, JPEG or WebP; it is rewritten without anything hidden in it")
            .Accepts<byte[]>("image/png", "image/jpeg", "image/webp").WithMetadata(new RequestSizeLimitAttribute(AvatarImage.MaxBytes + 1)).ProducesProblem(413).ProducesProblem(415);
        me.MapDelete("/avatar", DeleteAvatar.HandleAsync).Requires(Permissions.AccountManage).WithName("DeleteAvatar").WithSummary("Take my picture away");
        me.MapGet("/preferences", GetPreferences.HandleAsync).Requires(Permissions.AccountRead).WithName("GetPreferences").WithSummary("What I like: language, look, model, time zone");
        me.MapPut("/preferences", PutPreferences.HandleAsync).Requires(Permissions.AccountManage).WithName("PutPreferences").WithSummary("Set what I like");
        me.MapGet("/privacy-settings", GetPrivacySettings.HandleAsync).Requires(Permissions.AccountRead).WithName("GetPrivacySettings").WithSummary("Who may find, ask and message me, and see that I am there");
        me.MapPut("/privacy-settings", PutPrivacySettings.HandleAsync).Requires(Permissions.AccountManage).WithName("PutPrivacySettings").WithSummary("Set who may");

        var people = v1.MapGroup("/people").WithTags("People");
        people.MapGet("", FindPeople.HandleAsync).Requires(Permissions.PeopleRead).WithName("FindPeople").WithSummary("People whose handle or name begins so, or who have exactly this e-mail");
        people.MapGet("/{accountId:guid}", GetPerson.HandleAsync).Requires(Permissions.PeopleRead).WithName("GetPerson").WithSummary("One person's profile").ProducesProblem(404);
        people.MapGet("/{accountId:guid}/avatar", GetAvatar.HandleAsync).Requires(Permissions.PeopleRead).WithName("GetAvatar").WithSummary("A person's picture").ProducesProblem(404)
            .Produces(200, contentType: "image/png");

        var relationships = v1.MapGroup("/relationships").WithTags("People");
        relationships.MapGet("", ListRelationships.HandleAsync).Requires(Permissions.PeopleRead).WithName("ListRelationships").WithSummary("Friends, requests, or whom I block; newest first");
        relationships.MapPost("/requests", RequestFriendship.HandleAsync).Requires(Permissions.PeopleConnect).WithName("RequestFriendship").WithSummary("Ask somebody for friendship; if they asked already, it is one").ProducesProblem(404);
        relationships.MapPost("/{accountId:guid}/accept", AcceptFriendship.HandleAsync).Requires(Permissions.PeopleConnect).WithName("AcceptFriendship").WithSummary("Accept a request").ProducesProblem(404);
        relationships.MapDelete("/{accountId:guid}", EndRelationship.HandleAsync).Requires(Permissions.PeopleConnect).WithName("EndRelationship").WithSummary("Decline a request, take one back, or be friends no more").ProducesProblem(404);
        relationships.MapPut("/blocks/{accountId:guid}", BlockPerson.HandleAsync).Requires(Permissions.PeopleConnect).WithName("BlockPerson").WithSummary("Have nothing to do with somebody; they are not told").ProducesProblem(404);
        relationships.MapDelete("/blocks/{accountId:guid}", UnblockPerson.HandleAsync).Requires(Permissions.PeopleConnect).WithName("UnblockPerson").WithSummary("Block somebody no more").ProducesProblem(404);
        return v1;
    }
}
