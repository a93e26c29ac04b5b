using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Privacy;

public sealed class AgreeingAndKeepingTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_new_version_of_a_required_text_is_due_until_it_is_agreed_to_and_all_that_was_said_is_kept()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var kind = $"t{Guid.NewGuid():n}"[..20];
        await ann.PostAsync("/v1/privacy/policies", new PublishPolicyRequest(kind, "Mine", "Text", true)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var first = await PublishAsync(administrator, kind);
        Assert.Equal(1, first.Version);
        Assert.Contains((await ann.GetAsync<ConsentsResponse>("/v1/accounts/me/consents")).Due, p => p.Id == first.Id);

        var agreed = await SayAsync(ann, first.Id, true);
        Assert.DoesNotContain(agreed.Due, p => p.Kind == kind);
        await SayAsync(ann, first.Id, true);
        var withdrawn = await SayAsync(ann, first.Id, false);
        Assert.Contains(withdrawn.Due, p => p.Id == first.Id);
        Assert.Equal([false, true], withdrawn.History.Where(c => c.Kind == kind).Select(c => c.Given));

        await SayAsync(ann, first.Id, true);
        var second = await PublishAsync(administrator, kind);
        Assert.Equal(2, second.Version);
        Assert.Contains((await ann.GetAsync<ConsentsResponse>("/v1/accounts/me/consents")).Due, p => p.Id == second.Id);
        await ann.PostAsync("/v1/accounts/me/consents", new GiveConsentRequest(first.Id, true)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        using var anonymous = await app.AnonymousAsync();
        Assert.Equal(2, (await anonymous.GetFromJsonAsync<List<PolicyResponse>>("/v1/privacy/policies", TestContext.Current.CancellationToken))!.Single(p => p.Kind == kind).Version);
    }

    [Fact]
    public async Task Two_who_publish_at_once_get_a_version_each()
    {
        var administrator = await app.AdministratorAsync();
        var kind = $"t{Guid.NewGuid():n}"[..20];
        var published = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PublishAsync(administrator, kind, required: false)));
        Assert.Equal([1, 2, 3, 4, 5], published.Select(p => p.Version).Order());
    }

    [Fact]
    public async Task Who_registers_can_agree_with_it()
    {
        var text = await PublishAsync(await app.AdministratorAsync(), $"t{Guid.NewGuid():n}"[..20]);
        using var client = await app.AnonymousAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, Person.Password, "Bea", [Guid.NewGuid()]), TestContext.Current.CancellationToken).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var registered = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, Person.Password, "Bea", [text.Id]), TestContext.Current.CancellationToken);
        var account = await registered.ReadAsync<AccountResponse>();
        var tokens = await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, Person.Password), TestContext.Current.CancellationToken)).ReadAsync<TokenResponse>();
        var consents = await new Person(client, account, tokens).GetAsync<ConsentsResponse>("/v1/accounts/me/consents");
        Assert.True(consents.Current.Single(c => c.PolicyId == text.Id).Given);
        Assert.DoesNotContain(consents.Due, p => p.Id == text.Id);
    }

    [Fact]
    public async Task Rules_are_set_shown_and_previewed_by_those_who_may()
    {
        var administrator = await app.AdministratorAsync();
        var eve = await app.SomebodyAsync();
        await eve.GetAsync("/v1/privacy/retention").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var rules = await SetAsync(administrator, new(RetainedKind.DeadLetters, 3_650));
        var rule = rules.Single(r => r.Kind == RetainedKind.DeadLetters);
        Assert.Equal((3_650, false), (rule.Days, rule.IsDefault));
        Assert.Null((await SetAsync(administrator, new(RetainedKind.DeadLetters, null))).Single(r => r.Kind == RetainedKind.DeadLetters).Days);
        Assert.Equal(90, rules.Single(r => r.Kind == RetainedKind.EndedSessions).Days);
        var preview = await administrator.GetAsync<RetentionPreviewResponse>("/v1/privacy/retention/preview?kind=ended_sessions&days=36000");
        Assert.Equal((RetainedKind.EndedSessions, 0L), (preview.Kind, preview.Count));
        await administrator.GetAsync("/v1/privacy/retention/preview?kind=everything&days=1").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.GetAsync("/v1/privacy/retention/preview?kind=conversations&days=0").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, "/v1/privacy/retention", new SetRetentionRequest(RetainedKind.Conversations, 0)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, "/v1/privacy/retention", new SetRetentionRequest(RetainedKind.Conversations, 30, Guid.NewGuid())).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, "/v1/privacy/retention", new SetRetentionRequest(RetainedKind.SentMails, 30, Guid.NewGuid())).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task A_rule_can_be_for_what_is_with_one_bot_and_is_taken_away_again()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.TalksWithAsync(bot.Id);
        var rule = Assert.Single(await SetAsync(administrator, new(RetainedKind.Conversations, 3_000, BotId: bot.Id)), r => r.BotId == bot.Id);
        Assert.Equal((RetainedKind.Conversations, 3_000, false, null, bot.Name), (rule.Kind, rule.Days, rule.IsDefault, rule.GroupId, rule.PlaceName));
        var changed = Assert.Single(await SetAsync(administrator, new(RetainedKind.Conversations, 3_001, BotId: bot.Id)), r => r.BotId == bot.Id);
        Assert.Equal(3_001, changed.Days);
        var preview = await administrator.GetAsync<RetentionPreviewResponse>($"/v1/privacy/retention/preview?kind=conversations&days=3001&botId={bot.Id}");
        Assert.Equal((bot.Id, 0L, 0L), (preview.BotId!.Value, preview.Count, preview.Held));

        var group = await app.HasGroupAsync();
        Assert.Equal(group.Name, Assert.Single(await SetAsync(administrator, new(RetainedKind.Documents, 3_000, group.Id)), r => r.GroupId == group.Id).PlaceName);
        SetRetentionRequest[] refused = [new(RetainedKind.Conversations, 30, group.Id, bot.Id), new(RetainedKind.Conversations, 30, BotId: Guid.NewGuid()), new(RetainedKind.SentMails, 30, BotId: bot.Id)];
        foreach (var request in refused)
        {
            Assert.Contains("botId", (await administrator.SendAsync(HttpMethod.Put, "/v1/privacy/retention", request).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid)).Errors!.Keys);
        }

        await administrator.GetAsync($"/v1/privacy/retention/preview?kind=conversations&days=30&botId={bot.Id}&groupId={group.Id}").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await SetAsync(administrator, new(RetainedKind.Documents, null, group.Id));
        Assert.DoesNotContain(await SetAsync(administrator, new(RetainedKind.Conversations, null, BotId: bot.Id)), r => r.BotId == bot.Id || r.GroupId == group.Id);
    }

    [Fact]
    public async Task A_person_decides_how_long_their_own_conversations_live()
    {
        var ann = await app.SomebodyAsync();
        Assert.Null((await ann.GetAsync<OwnRetentionResponse>("/v1/accounts/me/retention")).DeleteConversationsAfterDays);
        (await ann.SendAsync(HttpMethod.Put, "/v1/accounts/me/retention", new SetOwnRetentionRequest(30))).EnsureSuccessStatusCode();
        Assert.Equal(30, (await ann.GetAsync<OwnRetentionResponse>("/v1/accounts/me/retention")).DeleteConversationsAfterDays);
        (await ann.SendAsync(HttpMethod.Put, "/v1/accounts/me/retention", new SetOwnRetentionRequest(null))).EnsureSuccessStatusCode();
        Assert.Null((await ann.GetAsync<OwnRetentionResponse>("/v1/accounts/me/retention")).DeleteConversationsAfterDays);
        await ann.SendAsync(HttpMethod.Put, "/v1/accounts/me/retention", new SetOwnRetentionRequest(0)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    private static async Task<PolicyResponse> PublishAsync(Person administrator, string kind, bool required = true) =>
        await (await administrator.PostAsync("/v1/privacy/policies", new PublishPolicyRequest(kind, "A text", "Be **kind**.", required))).ReadAsync<PolicyResponse>();

    private static async Task<ConsentsResponse> SayAsync(Person person, Guid policyId, bool given) =>
        await (await person.PostAsync("/v1/accounts/me/consents", new GiveConsentRequest(policyId, given))).ReadAsync<ConsentsResponse>();

    private static async Task<List<RetentionRuleResponse>> SetAsync(Person administrator, SetRetentionRequest request) =>
        await (await administrator.SendAsync(HttpMethod.Put, "/v1/privacy/retention", request)).ReadAsync<List<RetentionRuleResponse>>();
}
