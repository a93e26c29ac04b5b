using System.Net;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Security;

public sealed class SeeingHealthTests(ChatSphereApp app)
{
    [Fact]
    public async Task Health_in_detail_is_for_who_manages_the_system()
    {
        using var client = await app.AnonymousAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/health/detail")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await app.SomebodyAsync()).GetAsync("/health/detail")).StatusCode);
        using var detail = await (await app.AdministratorAsync()).GetAsync("/health/detail");
        Assert.Equal(HttpStatusCode.OK, detail.StatusCode);
        Assert.Contains("postgres", await detail.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
