using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Contracts.Audit;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data.Audit;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Audit;

public sealed class ReadingTheLogTests(ChatSphereApp app)
{
    [Fact]
    public async Task What_somebody_did_is_found_by_actor_target_action_and_time_page_by_page()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync("Ann");
        for (var i = 0; i < 4; i++)
        {
            await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, Person.Password));
        }

        var all = new List<AuditEventResponse>();
        string? cursor = null;
        do
        {
            var page = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={ann.Account.Id}&action=account.&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.InRange(page.Items.Count, 1, 2);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(6, all.Count);
        Assert.Equal(all.OrderByDescending(e => e.Id).Select(e => e.Id), all.Select(e => e.Id));
        Assert.All(all, e => Assert.Equal((AuditActorKind.Person, "Ann"), (e.Actor.Kind, e.Actor.Name)));
        Assert.Equal(AuditActions.AccountRegistered, all[^1].Action);
        Assert.Equal("Ann", all[^1].TargetName);
        Assert.Equal("127.0.0.0/24", all[^1].Network);

        var about = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?targetId={ann.Account.Id}&action={AuditActions.AccountRegistered}");
        Assert.Equal(all[^1].Id, Assert.Single(about.Items).Id);
        var moment = Uri.EscapeDataString(all[2].At.ToString("O", CultureInfo.InvariantCulture));
        var later = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={ann.Account.Id}&from={moment}");
        Assert.Equal(all.Take(3).Select(e => e.Id), later.Items.Select(e => e.Id));
        var earlier = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={ann.Account.Id}&to={moment}");
        Assert.Equal(all.Skip(3).Select(e => e.Id), earlier.Items.Select(e => e.Id));
        var setup = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?action=rights.&reason=SETUP&targetId={administrator.Account.Id}");
        Assert.Equal(AuditActions.RoleGiven, Assert.Single(setup.Items).Action);
        Assert.Empty((await administrator.GetAsync<Page<AuditEventResponse>>("/v1/audit/events?reason=%25%5f%5f%25%5c")).Items);
    }

    [Theory]
    [InlineData("action=Rights%25", "action")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to")]
    public async Task A_search_that_makes_no_sense_is_told_so(string query, string field)
    {
        var problem = await (await app.AdministratorAsync()).GetAsync($"/v1/audit/events?{query}").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains(field, problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("/v1/audit/events")]
    [InlineData("/v1/audit/export")]
    [InlineData("/v1/audit/verification")]
    [InlineData("/v1/audit/keys")]
    public async Task Only_who_may_reads_the_log(string path) =>
        await (await app.SomebodyAsync()).GetAsync(path).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);

    [Fact]
    public async Task A_refusal_is_written_down_once_a_minute_whichever_node_refuses()
    {
        var administrator = await app.AdministratorAsync();
        var eve = await app.SomebodyAsync();
        for (var i = 0; i < 6; i++)
        {
            await eve.GetAsync("/v1/audit/keys").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        }

        var denied = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={eve.Account.Id}&action=access.denied");
        var one = Assert.Single(denied.Items);
        Assert.Equal(Permissions.AuditRead.Name, one.Details!.Value.GetProperty("permission").GetString());
        Assert.Equal("/v1/audit/keys", one.Details.Value.GetProperty("route").GetString());
    }

    [Fact]
    public async Task The_running_system_keeps_its_chain_and_says_that_it_is_whole()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        await Person.EventuallyAsync(
            async () => (await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={ann.Account.Id}")).Items, items => items.Count == 2 && items.All(e => e.Seq > 0), seconds: 30);
        var found = await administrator.GetAsync<AuditVerificationResponse>("/v1/audit/verification");
        Assert.True(found.IsWhole, found.Detail);
        Assert.Null(found.FirstBadSeq);
        Assert.True(found.Events > 0 && found.Checkpoints > 0 && found.FileCheckpoints == found.Checkpoints, $"{found}");
        var key = Assert.Single((await administrator.GetAsync<AuditKeysResponse>("/v1/audit/keys")).Keys);
        Assert.Equal(("EC", "P-256", 43, 43), (key.Kty, key.Crv, key.X.Length, key.Y.Length));
        Assert.NotEmpty((await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={administrator.Account.Id}&action={AuditActions.AuditVerified}")).Items);
    }

    [Fact]
    public async Task The_log_leaves_as_lines_or_as_a_table_and_that_is_written_down()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        using var lines = await administrator.GetAsync($"/v1/audit/export?format=jsonl&actorId={ann.Account.Id}");
        Assert.StartsWith("attachment; filename=\"audit-", lines.Content.Headers.GetValues("Content-Disposition").Single(), StringComparison.Ordinal);
        var events = (await lines.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal([AuditActions.AccountRegistered, AuditActions.SignedIn], events.Select(e => (string)e["action"]!));
        Assert.Equal("member", (string)JsonNode.Parse((string)events[0]["details"]!)!["role"]!);

        using var table = await administrator.GetAsync($"/v1/audit/export?format=csv&actorId={ann.Account.Id}");
        Assert.Equal("text/csv", table.Content.Headers.ContentType!.MediaType);
        var rows = (await table.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("seq,id,at,actor_kind,", rows[0], StringComparison.Ordinal);
        Assert.Equal(3, rows.Length);
        Assert.Contains(",\"{\"\"roleId\"\":", rows[1], StringComparison.Ordinal);

        await administrator.GetAsync("/v1/audit/export?format=xlsx").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var exports = await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?actorId={administrator.Account.Id}&action={AuditActions.AuditExported}");
        Assert.Contains(exports.Items, e => e.Details!.Value.GetProperty("format").GetString() == "csv" && e.Details.Value.GetProperty("actorId").GetGuid() == ann.Account.Id);
    }

    [Fact]
    public async Task What_a_spreadsheet_would_take_for_a_formula_leaves_as_text()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        string[] formulas = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)"];
        foreach (var formula in formulas)
        {
            var hold = await (await administrator.PostAsync("/v1/privacy/holds", new PlaceHoldRequest(ann.Account.Id, formula))).ReadAsync<LegalHoldResponse>();
            (await administrator.SendAsync(HttpMethod.Delete, $"/v1/privacy/holds/{hold.Id}")).EnsureSuccessStatusCode();
        }

        (await administrator.PostAsync($"/v1/users/{ann.Account.Id}/disable", new DisableUserRequest("\t=1+1"))).EnsureSuccessStatusCode();
        var csv = await (await administrator.GetAsync($"/v1/audit/export?format=csv&targetId={ann.Account.Id}")).Content.ReadAsStringAsync();
        Assert.Contains(",\"'=cmd|' /C calc'!A0\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'+1+1\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'-2+3\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'@SUM(A1:A9)\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'\t=1+1\",", csv, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?m)(^|,)\"?[=+@\\t-]", csv);

        // As lines of JSON they are what was written.
        var lines = await (await administrator.GetAsync($"/v1/audit/export?format=jsonl&targetId={ann.Account.Id}&reason=cmd")).Content.ReadAsStringAsync();
        Assert.Equal(formulas[0], (string)JsonNode.Parse(lines.Split('\n')[0])!["reason"]!);
    }

    [Fact]
    public async Task Everybody_sees_what_happened_to_their_own_account_and_nothing_else()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        await app.AdministratorAsync();
        var mine = (await ann.GetAsync<Page<SecurityEventResponse>>("/v1/accounts/me/security-events")).Items;
        Assert.Equal([AuditActions.SignedIn, AuditActions.AccountRegistered], mine.Select(e => e.Action));
        Assert.All(mine, e => Assert.Equal(("me", "127.0.0.0/24"), (e.By, e.Network)));
        var hers = (await eve.GetAsync<Page<SecurityEventResponse>>("/v1/accounts/me/security-events")).Items;
        Assert.Empty(mine.Select(e => e.Id).Intersect(hers.Select(e => e.Id)));
    }

    [Fact]
    public async Task Rights_of_now_and_of_before_are_told()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var me = await ann.GetAsync<AccountResponse>("/v1/accounts/me");
        var now = await administrator.GetAsync<RightsThenResponse>($"/v1/audit/rights?accountId={ann.Account.Id}");
        Assert.True(now.IsActive);
        Assert.Equal(["member"], now.Roles.Select(r => r.Name));
        Assert.Equal(me.Permissions.Order(StringComparer.Ordinal), now.Permissions);
        var before = Uri.EscapeDataString(ann.Account.CreatedAt.AddSeconds(-1).ToString("O", CultureInfo.InvariantCulture));
        await administrator.GetAsync($"/v1/audit/rights?accountId={ann.Account.Id}&at={before}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await administrator.GetAsync($"/v1/audit/rights?accountId={Guid.NewGuid()}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        var all = await administrator.GetAsync<RightsThenResponse>($"/v1/audit/rights?accountId={administrator.Account.Id}");
        Assert.Equal(Permissions.All.Select(p => p.Name).Order(StringComparer.Ordinal), all.Permissions);
    }
}
