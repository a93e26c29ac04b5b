using Microsoft.AspNetCore.Antiforgery;

namespace ChatSphere.Web.Hosting;

public static class FreshForms
{
    /// <summary>
    /// A form whose token no longer fits (signed in or out in another tab, a page left open for weeks) does nothing, and the person gets the page anew
    /// instead of a bare 400.
    /// </summary>
    public static void UseFreshForms(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        var request = context.Request;
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = request.Path == "/sign-out" ? "/" : request.Path + request.QueryString;
        return Task.CompletedTask;
    });
}
