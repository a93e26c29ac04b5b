using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Communities;

namespace ChatSphere.Api.Modules.CommunitySearch;

internal static class CommunitySearchModule
{
    public static IHostApplicationBuilder AddCommunitySearch(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<QueriedNames>();
        builder.Services.AddScoped<ChannelsInSight>();
        return builder;
    }

    public static IEndpointRouteBuilder MapCommunitySearch(this IEndpointRouteBuilder v1)
    {
        var search = v1.MapGroup("/search").WithTags("Search");
        search.MapGet("/messages", SearchChannelMessages.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("SearchChannelMessages").WithSummary("Messages of all channels that I may read").ProducesProblem(400);
        search.MapGet("", SearchThings.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("SearchThings").WithSummary("Servers, channels, threads, people, conversations and documents by name").ProducesProblem(400);
        return v1;
    }
}
