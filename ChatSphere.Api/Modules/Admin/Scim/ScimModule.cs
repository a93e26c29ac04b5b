using System.Text.Json.Nodes;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;

namespace ChatSphere.Api.Modules.Admin.Scim;

/// <summary>SCIM 2.0 (RFC 7643, RFC 7644): how an identity provider keeps accounts and groups here as it has them. It calls with an API key of a service account.</summary>
internal static class ScimModule
{
    public static void MapScim(this IEndpointRouteBuilder app)
    {
        var scim = app.MapGroup("/scim/v2").WithTags("SCIM").RequireAuthorization();
        scim.MapGet("/ServiceProviderConfig", () => ScimJson.Json(Config())).Requires(Permissions.UsersManage).WithName("ScimServiceProviderConfig").WithSummary("What this server can do");
        scim.MapGet("/ResourceTypes", () => ScimJson.Json(ScimJson.List([Type("User"), Type("Group")], 2, 1))).Requires(Permissions.UsersManage).WithName("ScimResourceTypes").WithSummary("Users and groups");
        scim.MapGet("/Schemas", () => ScimJson.Json(ScimJson.List([UserSchema(), GroupSchema()], 2, 1))).Requires(Permissions.UsersManage).WithName("ScimSchemas").WithSummary("Their attributes");

        scim.MapGet("/Users", (ScimUsers users, CancellationToken token, string? filter = null, int? startIndex = null, int? count = null) => users.ListAsync(filter, startIndex, count, token))
            .Requires(Permissions.UsersManage).WithName("ScimListUsers").WithSummary("Users; filter by userName, externalId, id, active with eq");
        scim.MapPost("/Users", (HttpContext http, CurrentUser user, ScimUsers users, CancellationToken token) => users.CreateAsync(http, user, token)).Requires(Permissions.UsersManage).WithName("ScimCreateUser").WithSummary("Make a user");
        scim.MapGet("/Users/{accountId:guid}", (Guid accountId, HttpContext http, ScimUsers users, CancellationToken token) => users.GetAsync(accountId, http, token)).Requires(Permissions.UsersManage).WithName("ScimGetUser").WithSummary("One user");
        scim.MapPut("/Users/{accountId:guid}", (Guid accountId, HttpContext http, CurrentUser user, ScimUsers users, CancellationToken token) => users.ChangeAsync(accountId, true, http, user, token)).Requires(Permissions.UsersManage).WithName("ScimReplaceUser").WithSummary("Replace a user");
        scim.MapPatch("/Users/{accountId:guid}", (Guid accountId, HttpContext http, CurrentUser user, ScimUsers users, CancellationToken token) => users.ChangeAsync(accountId, false, http, user, token)).Requires(Permissions.UsersManage).WithName("ScimPatchUser").WithSummary("Change a user; active false disables");
        scim.MapDelete("/Users/{accountId:guid}", (Guid accountId, CurrentUser user, ScimUsers users, TimeProvider time, CancellationToken token) => users.DeleteAsync(accountId, user, time, token)).Requires(Permissions.UsersManage).WithName("ScimDeleteUser").WithSummary("Disable a user and forget it here");

        scim.MapGet("/Groups", (ScimGroups groups, CancellationToken token, string? filter = null, int? startIndex = null, int? count = null, string? excludedAttributes = null) => groups.ListAsync(filter, startIndex, count, excludedAttributes, token))
            .Requires(Permissions.GroupsManage).WithName("ScimListGroups").WithSummary("Groups; filter by displayName, externalId, id, members.value with eq");
        scim.MapPost("/Groups", (HttpContext http, CurrentUser user, ScimGroups groups, CancellationToken token) => groups.CreateAsync(http, user, token)).Requires(Permissions.GroupsManage).WithName("ScimCreateGroup").WithSummary("Make a group");
        scim.MapGet("/Groups/{groupId:guid}", (Guid groupId, HttpContext http, ScimGroups groups, CancellationToken token, string? excludedAttributes = null) => groups.GetAsync(groupId, http, excludedAttributes, token)).Requires(Permissions.GroupsManage).WithName("ScimGetGroup").WithSummary("One group");
        scim.MapPut("/Groups/{groupId:guid}", (Guid groupId, HttpContext http, CurrentUser user, ScimGroups groups, CancellationToken token) => groups.ChangeAsync(groupId, true, http, user, token)).Requires(Permissions.GroupsManage).WithName("ScimReplaceGroup").WithSummary("Replace a group and its members");
        scim.MapPatch("/Groups/{groupId:guid}", (Guid groupId, HttpContext http, CurrentUser user, ScimGroups groups, CancellationToken token) => groups.ChangeAsync(groupId, false, http, user, token)).Requires(Permissions.GroupsManage).WithName("ScimPatchGroup").WithSummary("Change a group; add and remove members");
        scim.MapDelete("/Groups/{groupId:guid}", async (Guid groupId, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, CancellationToken token) => (IResult)(await DeleteGroup.HandleAsync(groupId, user, db, change, audit, token)).Result)
            .Requires(Permissions.GroupsManage).WithName("ScimDeleteGroup").WithSummary("Delete a group");
    }

    private static JsonObject Config() => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
        ["patch"] = Supported(true),
        ["bulk"] = new JsonObject { ["supported"] = false, ["maxOperations"] = 0, ["maxPayloadSize"] = 0 },
        ["filter"] = new JsonObject { ["supported"] = true, ["maxResults"] = ScimJson.MaxResults },
        ["changePassword"] = Supported(false),
        ["sort"] = Supported(false),
        ["etag"] = Supported(true),
        ["authenticationSchemes"] = new JsonArray(new JsonObject
        {
            ["type"] = "oauthbearertoken", ["name"] = "API key", ["description"] = "The key of a service account with the scopes users.manage and groups.manage, as a bearer token", ["primary"] = true,
        }),
        ["meta"] = new JsonObject { ["resourceType"] = "ServiceProviderConfig", ["location"] = "/scim/v2/ServiceProviderConfig" },
    };

    private static JsonObject Supported(bool value) => new() { ["supported"] = value };

    private static JsonObject Type(string name) => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ResourceType"),
        ["id"] = name,
        ["name"] = name,
        ["endpoint"] = $"/{name}s",
        ["schema"] = name == "User" ? ScimJson.UserSchema : ScimJson.GroupSchema,
        ["meta"] = new JsonObject { ["resourceType"] = "ResourceType", ["location"] = $"/scim/v2/ResourceTypes/{name}" },
    };

    private static JsonObject UserSchema() => Schema(ScimJson.UserSchema, "User",
        Attribute("userName", required: true, uniqueness: "server"), Attribute("displayName"), Attribute("externalId"), Attribute("active", type: "boolean"),
        Attribute("emails", type: "complex", multiValued: true, mutability: "readOnly"), Attribute("groups", type: "complex", multiValued: true, mutability: "readOnly"));

    private static JsonObject GroupSchema() => Schema(ScimJson.GroupSchema, "Group",
        Attribute("displayName", required: true, uniqueness: "server"), Attribute("externalId"), Attribute("members", type: "complex", multiValued: true));

    private static JsonObject Schema(string id, string name, params JsonNode[] attributes) => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:Schema"),
        ["id"] = id,
        ["name"] = name,
        ["attributes"] = new JsonArray(attributes),
        ["meta"] = new JsonObject { ["resourceType"] = "Schema", ["location"] = $"/scim/v2/Schemas/{id}" },
    };

    private static JsonObject Attribute(string name, string type = "string", bool required = false, bool multiValued = false, string mutability = "readWrite", string uniqueness = "none") => new()
    {
        ["name"] = name, ["type"] = type, ["multiValued"] = multiValued, ["required"] = required, ["caseExact"] = false, ["mutability"] = mutability, ["returned"] = "default", ["uniqueness"] = uniqueness,
    };
}
