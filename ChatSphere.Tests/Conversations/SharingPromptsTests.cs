using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Conversations;

/// <summary>A library of prompts that several people use, and one answers for.</summary>
public sealed class SharingPromptsTests(ChatSphereApp app)
{
    private static Task<HttpResponseMessage> ShareAsync(Person owner, PromptResponse prompt, ShareGranteeRequest grantee, SharedRight right = SharedRight.Use) =>
        owner.PostAsync($"/v1/prompts/{prompt.Id}/shares", new SharePromptRequest(grantee, right));

    private static async Task<PromptResponse> HasPromptAsync(Person owner, string name = "mail") =>
        await (await owner.PostAsync("/v1/prompts", new PromptRequest(name, "Write to {{who}}"))).ReadAsync<PromptResponse>();

    private static Task<List<PromptResponse>> LibraryAsync(Person person) => person.GetAsync<List<PromptResponse>>("/v1/prompts?scope=all");

    [Fact]
    public async Task Whom_it_is_shared_with_uses_it_sees_whose_it_is_and_cannot_change_it()
    {
        var (ann, bob, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var prompt = await HasPromptAsync(ann);
        Assert.Equal((SharedRight.Owner, false), (prompt.Right, prompt.IsShared));
        var shares = await (await ShareAsync(ann, prompt, new(SharedWith.Person, bob.Account.Id))).ReadAsync<List<PromptShareResponse>>();
        Assert.Equal((SharedWith.Person, SharedRight.Use), Assert.Single(shares) is var one ? (one.Grantee.Kind, one.Right) : default);

        var seen = (await LibraryAsync(bob)).Single(p => p.Id == prompt.Id);
        Assert.Equal(("mail", "who", ann.Account.Id, SharedRight.Use, false), (seen.Name, seen.Variables.Single().Name, seen.Owner!.Id, seen.Right, seen.IsShared));
        Assert.Equal(prompt.Text, (await bob.GetAsync<PromptResponse>($"/v1/prompts/{prompt.Id}")).Text);
        Assert.Empty(await bob.GetAsync<List<PromptResponse>>("/v1/prompts"));
        await bob.SendAsync(HttpMethod.Put, $"/v1/prompts/{prompt.Id}", new PromptRequest("mail", "x")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await bob.SendAsync(HttpMethod.Delete, $"/v1/prompts/{prompt.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await bob.GetAsync($"/v1/prompts/{prompt.Id}/shares").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ShareAsync(bob, prompt, new(SharedWith.Person, eve.Account.Id)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await eve.GetAsync($"/v1/prompts/{prompt.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.DoesNotContain(await LibraryAsync(eve), p => p.Id == prompt.Id);

        // A name is one's own: bob may have one like it, and has both.
        await HasPromptAsync(bob);
        Assert.Equal([SharedRight.Owner, SharedRight.Use], (await LibraryAsync(bob)).Where(p => p.Name == "mail" && p.Owner!.Id is var o && (o == ann.Account.Id || o == bob.Account.Id)).Select(p => p.Right));
    }

    [Fact]
    public async Task With_the_right_to_edit_it_is_changed_for_everybody_and_still_the_owners()
    {
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var prompt = await HasPromptAsync(ann);
        (await ShareAsync(ann, prompt, new(SharedWith.Person, Email: bob.Account.Email), SharedRight.Edit)).EnsureSuccessStatusCode();
        var changed = await (await bob.SendAsync(HttpMethod.Put, $"/v1/prompts/{prompt.Id}", new PromptRequest("letter", "Dear {{who}}"))).ReadAsync<PromptResponse>();
        Assert.Equal((SharedRight.Edit, ann.Account.Id), (changed.Right, changed.Owner!.Id));
        var mine = Assert.Single(await ann.GetAsync<List<PromptResponse>>("/v1/prompts"));
        Assert.Equal(("letter", "Dear {{who}}", true), (mine.Name, mine.Text, mine.IsShared));
        await bob.SendAsync(HttpMethod.Delete, $"/v1/prompts/{prompt.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Fact]
    public async Task Everybody_may_use_what_is_shared_with_everybody_until_it_is_taken_back_and_nobody_is_let_edit_that_way()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var prompt = await HasPromptAsync(ann);
        await ShareAsync(ann, prompt, new(SharedWith.Everyone), SharedRight.Edit).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ShareAsync(ann, prompt, new(SharedWith.Person, eve.Account.Id), SharedRight.View).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ShareAsync(ann, prompt, new(SharedWith.Group, Guid.NewGuid())).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);

        // At once and twice: one share.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ShareAsync(ann, prompt, new(SharedWith.Everyone))));
        var share = Assert.Single(await ann.GetAsync<List<PromptShareResponse>>($"/v1/prompts/{prompt.Id}/shares"));
        Assert.Contains(await LibraryAsync(eve), p => p.Id == prompt.Id);
        (await ann.SendAsync(HttpMethod.Delete, $"/v1/prompts/{prompt.Id}/shares/{share.Id}")).EnsureSuccessStatusCode();
        Assert.DoesNotContain(await LibraryAsync(eve), p => p.Id == prompt.Id);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/prompts/{prompt.Id}/shares/{share.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        (await ShareAsync(ann, prompt, new(SharedWith.Everyone))).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/prompts/{prompt.Id}")).StatusCode);
        Assert.DoesNotContain(await LibraryAsync(eve), p => p.Id == prompt.Id);
    }
}
