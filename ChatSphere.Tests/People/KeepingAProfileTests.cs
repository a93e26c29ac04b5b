using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.People;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.People;

public sealed class KeepingAProfileTests(ChatSphereApp app)
{
    private const string Profile = "/v1/accounts/me/profile";

    [Fact]
    public async Task A_profile_is_changed_and_seen_by_others()
    {
        var ann = await app.SomebodyAsync("Ann");
        var bob = await app.SomebodyAsync();
        Assert.Equal(new ProfileResponse(ann.Account.Id, "Ann", null, "", "", "", null), await ann.GetAsync<ProfileResponse>(Profile));
        var handle = Handle();
        var changed = await ChangeAsync(ann, new(DisplayName: "Ann Åberg", Handle: "@" + handle.ToUpperInvariant(), Bio: "Harbour master.\nLikes oars.", Pronouns: "she/her", Status: "On the pier"));
        Assert.Equal(("Ann Åberg", handle, "Harbour master.\nLikes oars.", "she/her", "On the pier"), (changed.DisplayName, changed.Handle, changed.Bio, changed.Pronouns, changed.Status));
        var seen = await bob.GetAsync<PersonResponse>($"/v1/people/{ann.Account.Id}");
        Assert.Equal(("Ann Åberg", handle, "she/her", PersonRelationship.None), (seen.DisplayName, seen.Handle, seen.Pronouns, seen.Relationship));
        Assert.Equal("Ann Åberg", (await ann.GetAsync<AccountResponse>("/v1/accounts/me")).DisplayName);

        // What is not given stays; what is empty goes.
        var again = await ChangeAsync(ann, new(Bio: "", Handle: ""));
        Assert.Equal((null, "", "On the pier"), (again.Handle, again.Bio, again.Status));
        Assert.Equal(handle, (await ChangeAsync(bob, new(Handle: handle))).Handle);
    }

    [Theory]
    [InlineData("ab", "handle")]
    [InlineData("this-handle-is-much-longer-than-allowed", "handle")]
    [InlineData("-ann", "handle")]
    [InlineData("ann.", "handle")]
    [InlineData("an..na", "handle")]
    [InlineData("an na", "handle")]
    [InlineData("ann\u200Bx", "handle")]
    [InlineData("ann\u202Ex", "handle")]
    [InlineData("a/nna", "handle")]
    [InlineData("ann\u0000x", "handle")]
    public async Task An_unfit_handle_is_refused_at_its_field(string handle, string field)
    {
        var ann = await app.SomebodyAsync();
        var problem = await ann.SendAsync(HttpMethod.Patch, Profile, new UpdateProfileRequest(Handle: handle)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains(field, problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("Administrator")]
    [InlineData("@everyone")]
    [InlineData("here")]
    [InlineData("deleted-user")]
    [InlineData("\u0430dmin")]
    [InlineData("supp\u03BFrt")]
    [InlineData("m0derat0r")]
    [InlineData("\uFF41\uFF44\uFF4D\uFF49\uFF4E")]
    [InlineData("adrnin")]
    public async Task Nobody_has_a_handle_that_speaks_for_the_house_or_looks_like_it(string handle)
    {
        var ann = await app.SomebodyAsync();
        await ann.SendAsync(HttpMethod.Patch, Profile, new UpdateProfileRequest(Handle: handle)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.HandleTaken);
    }

    [Fact]
    public async Task Handles_that_look_alike_are_one()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var handle = "pauo" + Handle();
        await ChangeAsync(ann, new(Handle: handle));
        string[] alike = [handle, handle.ToUpperInvariant(), "р" + handle[1..], "p\u0430uo" + handle[4..], "pau0" + handle[4..], "\uFF50auo" + handle[4..]];
        foreach (var other in alike)
        {
            await eve.SendAsync(HttpMethod.Patch, Profile, new UpdateProfileRequest(Handle: other)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.HandleTaken);
        }

        // One's own may be written anew.
        Assert.Equal(handle, (await ChangeAsync(ann, new(Handle: handle.ToUpperInvariant()))).Handle);
    }

    [Fact]
    public async Task Of_fifty_who_claim_a_handle_at_once_one_gets_it()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.SomebodyAsync()));
        var handle = Handle();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => people[i % 10].SendAsync(
            HttpMethod.Patch, Profile, new UpdateProfileRequest(Handle: i % 2 == 0 ? handle : handle.ToUpperInvariant()))));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, a.StatusCode.ToString()));
        var holders = 0;
        foreach (var person in people)
        {
            holders += (await person.GetAsync<ProfileResponse>(Profile)).Handle == handle ? 1 : 0;
        }

        Assert.Equal(1, holders);
    }

    [Fact]
    public async Task Fifty_different_people_race_and_forty_nine_are_told_that_it_is_taken()
    {
        // Registering hashes a password each: a few at a time.
        var people = new List<Person>();
        while (people.Count < 50)
        {
            people.AddRange(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.SomebodyAsync())));
        }

        var handle = Handle();
        var answers = await Task.WhenAll(people.Select(p => p.SendAsync(HttpMethod.Patch, Profile, new UpdateProfileRequest(Handle: handle))));
        Assert.Equal((1, 49), (answers.Count(a => a.StatusCode == HttpStatusCode.OK), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
    }

    [Fact]
    public async Task Preferences_are_kept_and_checked()
    {
        var ann = await app.SomebodyAsync();
        const string address = "/v1/accounts/me/preferences";
        Assert.Equal(new Preferences(null, PreferredTheme.System, null, null), await ann.GetAsync<Preferences>(address));
        var wanted = new Preferences("pt-BR", PreferredTheme.Dark, "extractive", "Europe/Stockholm");
        Assert.Equal(wanted, await (await ann.SendAsync(HttpMethod.Put, address, wanted)).ReadAsync<Preferences>());
        Assert.Equal(wanted, await ann.GetAsync<Preferences>(address));
        (Preferences Wrong, string Code)[] wrong =
        [
            (wanted with { Locale = "english" }, ErrorCodes.RequestInvalid),
            (wanted with { Locale = "../en" }, ErrorCodes.RequestInvalid),
            (wanted with { TimeZone = "Europe/Atlantis" }, ErrorCodes.RequestInvalid),
            (wanted with { TimeZone = "../../etc/passwd" }, ErrorCodes.RequestInvalid),
            (wanted with { DefaultModel = "no-such-model" }, ErrorCodes.ModelUnknown),
            (wanted with { Theme = null }, ErrorCodes.RequestInvalid),
        ];
        foreach (var (preferences, code) in wrong)
        {
            await ann.SendAsync(HttpMethod.Put, address, preferences).RefusedAsync(HttpStatusCode.BadRequest, code);
        }

        Assert.Equal(wanted, await ann.GetAsync<Preferences>(address));
    }

    [Fact]
    public async Task People_are_found_by_handle_name_and_exact_address_as_they_wish()
    {
        var mark = Guid.NewGuid().ToString("n")[..10];
        var ann = await app.SomebodyAsync($"{mark} Ann 50%_off");
        var bob = await app.SomebodyAsync();
        await ChangeAsync(ann, new(Handle: "h" + mark));
        Assert.Equal([ann.Account.Id], await FindAsync(bob, mark[..8]));
        Assert.Equal([ann.Account.Id], await FindAsync(bob, $"{mark} ANN 50%_"));
        Assert.Equal([ann.Account.Id], await FindAsync(bob, $"@h{mark[..6]}"));
        Assert.Equal([ann.Account.Id], await FindAsync(bob, ann.Account.Email.ToUpperInvariant()));
        Assert.Empty(await FindAsync(bob, ann.Account.Email[..10]));
        Assert.Empty(await FindAsync(bob, "%%"));
        Assert.Empty(await FindAsync(ann, mark));

        await ann.WantsPrivacyAsync(find: WhoMay.Nobody);
        Assert.Empty(await FindAsync(bob, mark));
        Assert.Empty(await FindAsync(bob, ann.Account.Email));
        await bob.GetAsync($"/v1/people/{ann.Account.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(PersonRelationship.Self, (await ann.GetAsync<PersonResponse>($"/v1/people/{ann.Account.Id}")).Relationship);

        await bob.GetAsync("/v1/people?q=a").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await bob.GetAsync("/v1/people").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    internal static string Handle() => "h" + Guid.NewGuid().ToString("n")[..12].Replace('0', 'a').Replace('1', 'b');

    internal static async Task<ProfileResponse> ChangeAsync(Person person, UpdateProfileRequest request) => await (await person.SendAsync(HttpMethod.Patch, Profile, request)).ReadAsync<ProfileResponse>();

    internal static async Task<IEnumerable<Guid>> FindAsync(Person person, string q) =>
        (await person.GetAsync<IReadOnlyList<PersonResponse>>($"/v1/people?q={Uri.EscapeDataString(q)}")).Select(p => p.Id);
}
