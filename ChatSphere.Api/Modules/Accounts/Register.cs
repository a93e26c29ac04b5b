using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class Register
{
    public static async Task<Results<Created<AccountResponse>, ProblemHttpResult>> HandleAsync(RegisterRequest request, UserManager<Account> accounts, ChatSphereDb db, AuditTrail audit, TimeProvider time)
    {
        if (TextRules.Problem(request.DisplayName) is { } unfit)
        {
            return Problems.Invalid("displayName", unfit);
        }

        var account = Account.Create(request.Email.Trim(), request.DisplayName.Trim(), time.GetUtcNow());

        if (request.AcceptedPolicies is { Count: > 0 } accepted && !await db.AcceptAsync(account.Id, accepted, time.GetUtcNow(), CancellationToken.None))
        {
            return Problems.Invalid("acceptedPolicies", "One of these texts does not exist or has a newer version.");
        }

        // Saved together with the account.
        db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = Role.MemberId });
        audit.Record(AuditActions.AccountRegistered, "account", account.Id, new { roleId = Role.MemberId, role = BuiltInRoles.Member }, actorId: account.Id);
        IdentityResult result;
        try
        {
            result = await accounts.CreateAsync(account, request.Password);
        }
        catch (DbUpdateException e) when (e.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            // Two at the same moment: the unique index decides.
            return EmailTaken();
        }

        if (result.Succeeded)
        {
            return TypedResults.Created("/v1/accounts/me", new AccountResponse(account.Id, account.Email!, account.DisplayName, account.CreatedAt, []));
        }

        if (result.Errors.Any(e => e.Code is "DuplicateEmail" or "DuplicateUserName"))
        {
            return EmailTaken();
        }

        var error = result.Errors.First();
        return Problems.Invalid(error.Code.StartsWith("Password", StringComparison.Ordinal) ? "password" : "email", error.Description);
    }

    private static ProblemHttpResult EmailTaken() => Problems.Conflict(ErrorCodes.EmailTaken, "An account with this e-mail exists. Sign in instead.");
}
