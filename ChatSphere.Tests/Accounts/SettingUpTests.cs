using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class SettingUpTests(ChatSphereApp app)
{
    [Fact]
    public async Task Being_first_is_nothing_and_the_printed_token_makes_an_administrator_once()
    {
        var ann = await app.SomebodyAsync();
        Assert.DoesNotContain(Permissions.UsersManage.Name, (await ann.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions);
        await ann.PostAsync("/v1/accounts/setup", new SetUpRequest("ABCDEFGHJKMNPQRSTUVWXYZ2")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);

        var administrator = await app.AdministratorAsync();
        Assert.Equal(Permissions.All.Count, (await administrator.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions.Count);
    }
}
