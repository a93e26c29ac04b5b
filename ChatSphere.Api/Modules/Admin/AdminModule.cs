using ChatSphere.Api.Http;
using ChatSphere.Api.Modules.Admin.Scim;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Admin;

internal static partial class AdminModule
{
    public static IHostApplicationBuilder AddAdmin(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<RightsChange>();
        builder.Services.AddScoped<Invitations>();
        builder.Services.AddScoped<ScimUsers>();
        builder.Services.AddScoped<ScimGroups>();

        // Before the one that writes everything: the first that can, writes.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ScimProblems>());
        return builder;
    }

    public static IEndpointRouteBuilder MapAdmin(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/permissions", ListPermissions.Handle).WithTags("Roles").Requires(Permissions.AccountRead).WithName("ListPermissions").WithSummary("Everything that can be permitted");

        var roles = v1.MapGroup("/roles").WithTags("Roles");
        roles.MapGet("", ListRoles.HandleAsync).Requires(Permissions.UsersRead).WithName("ListRoles").WithSummary("All roles, built-in ones first");
        roles.MapPost("", CreateRole.HandleAsync).Requires(Permissions.RolesManage).WithName("CreateRole").WithSummary("Make a role out of permissions that you hold").ProducesProblem(403).ProducesProblem(409);
        roles.MapPatch("/{roleId:guid}", UpdateRole.HandleAsync).Requires(Permissions.RolesManage).WithName("UpdateRole").WithSummary("Change what is given").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        roles.MapDelete("/{roleId:guid}", DeleteRole.HandleAsync).Requires(Permissions.RolesManage).WithName("DeleteRole").WithSummary("Delete a role; whoever had it loses it").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        var groups = v1.MapGroup("/groups").WithTags("Groups");
        groups.MapGet("", ListGroups.HandleAsync).Requires(Permissions.GroupsManage).WithName("ListGroups").WithSummary("All groups, newest first");
        groups.MapPost("", CreateGroup.HandleAsync).Requires(Permissions.GroupsManage).WithName("CreateGroup").WithSummary("Make a group").ProducesProblem(409);
        groups.MapGet("/{groupId:guid}", GetGroup.HandleAsync).Requires(Permissions.GroupsManage).WithName("GetGroup").WithSummary("One group").ProducesProblem(404);
        groups.MapPatch("/{groupId:guid}", UpdateGroup.HandleAsync).Requires(Permissions.GroupsManage).WithName("UpdateGroup").WithSummary("Change what is given").ProducesProblem(404).ProducesProblem(409);
        groups.MapDelete("/{groupId:guid}", DeleteGroup.HandleAsync).Requires(Permissions.GroupsManage).WithName("DeleteGroup").WithSummary("Delete a group; its members lose what it gave them").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        groups.MapGet("/{groupId:guid}/members", ListGroupMembers.HandleAsync).Requires(Permissions.GroupsManage).WithName("ListGroupMembers").WithSummary("Who is in it").ProducesProblem(404);
        groups.MapPut("/{groupId:guid}/members/{accountId:guid}", ChangeGroupMember.AddAsync).Requires(Permissions.GroupsManage).WithName("AddGroupMember").WithSummary("Put somebody in").ProducesProblem(403).ProducesProblem(404);
        groups.MapDelete("/{groupId:guid}/members/{accountId:guid}", ChangeGroupMember.RemoveAsync).Requires(Permissions.GroupsManage).WithName("RemoveGroupMember").WithSummary("Take somebody out").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        groups.MapPut("/{groupId:guid}/roles", SetGroupRoles.HandleAsync).Requires(Permissions.RolesManage).WithName("SetGroupRoles").WithSummary("The roles that its members have through it").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        var users = v1.MapGroup("/users").WithTags("Users");
        users.MapGet("", ListUsers.HandleAsync).Requires(Permissions.UsersRead).WithName("ListUsers").WithSummary("Accounts of people, newest first; by the beginning of name or e-mail, role, group, state");
        users.MapPost("", CreateUser.HandleAsync).Requires(Permissions.UsersManage).WithName("CreateUser").WithSummary("Make an account and mail its owner an invitation").ProducesProblem(403).ProducesProblem(409);
        users.MapPost("/import", ImportUsers.HandleAsync).Requires(Permissions.UsersManage).WithMetadata(new RequestSizeLimitAttribute(ImportUsers.MaxBytes)).WithName("ImportUsers").WithSummary("Make and bring up to date accounts from a CSV file: email,displayName,roles,groups").ProducesProblem(413).ProducesProblem(415);
        users.MapGet("/{accountId:guid}", GetUser.HandleAsync).Requires(Permissions.UsersRead).WithName("GetUser").WithSummary("One account").ProducesProblem(404);
        users.MapPatch("/{accountId:guid}", UpdateUser.HandleAsync).Requires(Permissions.UsersManage).WithName("UpdateUser").WithSummary("Change what is given").ProducesProblem(403).ProducesProblem(404);
        users.MapPost("/{accountId:guid}/disable", DisableUser.HandleAsync).Requires(Permissions.UsersManage).WithName("DisableUser").WithSummary("End all sessions and let no new one begin").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        users.MapPost("/{accountId:guid}/enable", EnableUser.HandleAsync).Requires(Permissions.UsersManage).WithName("EnableUser").WithSummary("Let somebody sign in again").ProducesProblem(403).ProducesProblem(404);
        users.MapPost("/{accountId:guid}/end-sessions", EndUserSessions.HandleAsync).Requires(Permissions.UsersManage).WithName("EndUserSessions").WithSummary("Sign somebody out everywhere").ProducesProblem(403).ProducesProblem(404);
        users.MapPut("/{accountId:guid}/roles", SetUserRoles.HandleAsync).Requires(Permissions.RolesManage).WithName("SetUserRoles").WithSummary("The roles that somebody has by themselves").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        var programs = v1.MapGroup("/service-accounts").WithTags("Service accounts");
        programs.MapGet("", ListServiceAccounts.HandleAsync).Requires(Permissions.ServiceAccountsManage).WithName("ListServiceAccounts").WithSummary("Accounts of programs, newest first");
        programs.MapPost("", CreateServiceAccount.HandleAsync).Requires(Permissions.ServiceAccountsManage).WithName("CreateServiceAccount").WithSummary("Make an account for a program, with roles that you could hold").ProducesProblem(403);
        programs.MapGet("/{accountId:guid}", GetServiceAccount.HandleAsync).Requires(Permissions.ServiceAccountsManage).WithName("GetServiceAccount").WithSummary("One service account").ProducesProblem(404);
        programs.MapPatch("/{accountId:guid}", UpdateServiceAccount.HandleAsync).Requires(Permissions.ServiceAccountsManage).WithName("UpdateServiceAccount").WithSummary("Change what is given").ProducesProblem(403).ProducesProblem(404);
        programs.MapDelete("/{accountId:guid}", DeleteServiceAccount.HandleAsync).Requires(Permissions.ServiceAccountsManage).WithName("DeleteServiceAccount").WithSummary("Take its keys and roles for good").ProducesProblem(403).ProducesProblem(404);
        programs.MapGet("/{accountId:guid}/keys", ServiceAccountKeys.ListAsync).Requires(Permissions.ServiceAccountsManage).WithName("ListServiceAccountKeys").WithSummary("Its keys that work").ProducesProblem(404);
        programs.MapPost("/{accountId:guid}/keys", ServiceAccountKeys.CreateAsync).Requires(Permissions.ServiceAccountsManage).RequiresRecentAuthentication().WithName("CreateServiceAccountKey").WithSummary("Make a key; it is shown once").ProducesProblem(404).ProducesProblem(409);
        programs.MapDelete("/{accountId:guid}/keys/{keyId:guid}", ServiceAccountKeys.RevokeAsync).Requires(Permissions.ServiceAccountsManage).WithName("RevokeServiceAccountKey").WithSummary("Make a key worthless").ProducesProblem(403).ProducesProblem(404);
        return v1;
    }
}
