using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class FindingAServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_take_turns_over_all_addresses_of_a_service()
    {
        await using var one = await NamedAsync("one");
        await using var two = await NamedAsync("two");
        using var client = Client(("services:api:http:0", Of(one)), ("services:api:http:1", Of(two)));

        string[] answers = [await AskAsync(client, "http://api/"), await AskAsync(client, "http://api/"), await AskAsync(client, "http://api/"), await AskAsync(client, "http://api/")];

        Assert.Equal(["one", "two", "one", "two"], answers);
    }

    [Fact]
    public async Task First_scheme_that_has_an_address_is_taken()
    {
        await using var plain = await NamedAsync("plain");
        using var client = Client(("services:api:http:0", Of(plain)));

        Assert.Equal("plain", await AskAsync(client, "https+http://api/"));
    }

    [Fact]
    public async Task Endpoint_is_found_by_its_name()
    {
        await using var main = await NamedAsync("main");
        await using var admin = await NamedAsync("admin");
        using var client = Client(("services:api:http:0", Of(main)), ("services:api:admin:0", Of(admin)));

        Assert.Equal("admin", await AskAsync(client, "http://_admin.api/"));
        Assert.Equal("main", await AskAsync(client, "http://API/"));
    }

    [Fact]
    public async Task Path_and_query_are_kept_and_an_address_may_lack_a_scheme()
    {
        await using var server = await Loopback.StartAsync(app => app.Run(c => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(c.Response, c.Request.Path + c.Request.QueryString, Token)));
        using var client = Client(("services:api:default:0", server.Address.Authority));

        Assert.Equal("/a/b?c=%20d", await AskAsync(client, "http://api/a/b?c=%20d"));
    }

    [Fact]
    public async Task Unknown_names_and_explicit_ports_pass_through()
    {
        await using var server = await NamedAsync("itself");
        using var client = Client(("services:localhost:http:0", "http://127.0.0.1:1"));

        Assert.Equal("itself", await AskAsync(client, server.Address.ToString()));
        Assert.Equal("itself", await AskAsync(client, $"http://localhost:{server.Address.Port}/"));
    }

    [Fact]
    public async Task Caller_sees_the_name_it_asked_for()
    {
        await using var server = await NamedAsync("itself");
        using var client = Client(("services:api:http:0", Of(server)));

        using var response = await client.GetAsync("http://api/", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("http://api/", response.RequestMessage!.RequestUri!.ToString());
    }

    [Fact]
    public async Task Retry_goes_to_the_next_address()
    {
        await using var broken = await Loopback.StartAsync(app => app.MapGet("/", (Microsoft.AspNetCore.Http.HttpResponse response) =>
        {
            response.StatusCode = 503;
            response.Headers.RetryAfter = "0";
        }));
        await using var sound = await NamedAsync("sound");
        using var client = Client(("services:api:http:0", Of(broken)), ("services:api:http:1", Of(sound)));

        Assert.Equal("sound", await AskAsync(client, "http://api/"));
    }

    private static string Of(Loopback server) => server.Address.ToString().TrimEnd('/');

    private static Task<Loopback> NamedAsync(string name) => Loopback.StartAsync(app => app.MapGet("/", () => name));

    private static Task<string> AskAsync(HttpClient client, string uri) => client.GetStringAsync(new Uri(uri), Token);

    private static HttpClient Client(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.AddServiceDefaults();
        return builder.Build().Services.GetRequiredService<IHttpClientFactory>().CreateClient();
    }
}
