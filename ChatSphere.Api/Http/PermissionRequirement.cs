using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace ChatSphere.Api.Http;

/// <summary>What a route needs, as metadata: for authorization, for the OpenAPI document (<c>x-permission</c>) and for the tests made from it.</summary>
internal sealed class PermissionRequirement(Permission permission) : AuthorizationHandler<PermissionRequirement>, IAuthorizationRequirement
{
    public const string FactorMissingClaim = "factor_missing";

    public Permission Permission => permission;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        if (context.User.HasClaim(CurrentUser.PermissionClaim, requirement.Permission.Name))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

internal static class PermissionRouting
{
    /// <summary>Only for whom this is permitted. Every route has exactly one of this and <c>AllowAnonymous</c>.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder route, Permission permission) where TBuilder : IEndpointConventionBuilder
    {
        var requirement = new PermissionRequirement(permission);
        return route.RequireAuthorization(policy => policy.RequireAuthenticatedUser().AddRequirements(requirement)).WithMetadata(requirement);
    }
}

/// <summary>Says which permission is missing, where the framework would answer with a bare 403, and has it written down.</summary>
internal sealed class PermissionProblems(DeniedAccess denied) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (!authorizeResult.Forbidden || policy.Requirements.OfType<PermissionRequirement>().FirstOrDefault() is not { } requirement)
        {
            await _default.HandleAsync(next, context, policy, authorizeResult);
            return;
        }

        await denied.RecordAsync(context, requirement.Permission.Name);

        var problem = context.User.HasClaim(PermissionRequirement.FactorMissingClaim, "1")
            ? Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.SecondFactorRequired, "Your role needs a second factor. Add one in your security settings first.")
            : Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.PermissionMissing, $"This needs the permission {requirement.Permission.Name}.");
        await problem.ExecuteAsync(context);
    }
}
