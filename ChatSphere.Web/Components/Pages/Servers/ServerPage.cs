using System.Globalization;
using ChatSphere.Contracts.Communities;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.Components;

namespace ChatSphere.Web.Components.Pages.Servers;

/// <summary>A page of a server's settings. It is loaded with the server, as far as the person may see it.</summary>
public abstract class ServerPage : ComponentBase
{
    [Inject]
    protected ServersClient Servers { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery]
    protected string? Saved { get; set; }

    protected ServerDetailResponse? Server { get; private set; }

    protected ApiProblem? Problem { get; set; }

    protected string Root => $"/servers/{Id}/settings";

    protected override async Task OnInitializedAsync()
    {
        var found = await Servers.GetAsync(Id);
        if (found.Problem is { IsNotFound: true })
        {
            Navigation.NotFound();
            return;
        }

        (Server, Problem) = found;
        if (Server is not null)
        {
            await LoadAsync();
        }
    }

    /// <summary>What else the page shows.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    protected bool May(string right) => Server?.Server.May.Contains(right) == true;

    /// <summary>Shows the page anew when it was done, else why not.</summary>
    protected void Done<T>(ApiResult<T> result, string address)
    {
        if (result.Succeeded)
        {
            Navigation.NavigateTo(address + (address.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "saved=1");
            return;
        }

        Problem = result.Problem;
    }

    protected string? Posted(string field) => Http.Request.HasFormContentType ? Http.Request.Form[field].ToString() : null;

    /// <summary>What a set of fields of one name brought, as ids.</summary>
    protected IReadOnlyList<Guid> PostedIds(string field) => [.. Http.Request.Form[field].Select(v => Guid.TryParse(v, out var id) ? id : (Guid?)null).OfType<Guid>()];

    protected static string Time(DateTimeOffset at) => at.ToString("d MMM yyyy HH:mm", CultureInfo.CurrentCulture) + " UTC";

    protected static string? Hex(int? color) => color is { } c ? $"#{c:x6}" : null;
}
