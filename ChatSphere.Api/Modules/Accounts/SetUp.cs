using System.Security.Cryptography;
using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SetUp
{
    /// <summary>Whoever can read the console of the first start becomes the administrator; being first is nothing.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        SetUpRequest request, CurrentUser user, ChatSphereDb db, LiveAccess access, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(request.Token.Trim()));
        if (await db.OneTimeTokens.Where(t => t.Purpose == OneTimePurposes.Setup && t.SecretHash == hash && t.UsedAt == null && t.ExpiresAt > now)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.UsedAt, now), cancellationToken) != 1)
        {
            return Problems.BadRequest(ErrorCodes.OneTimeTokenInvalid, "The setup token is not valid any more. It is printed when ChatSphere starts and nobody is administrator yet.");
        }

        db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = user.AccountId, RoleId = Role.AdministratorId });
        audit.Record(AuditActions.RoleGiven, "account", user.AccountId, new { roleId = Role.AdministratorId, role = BuiltInRoles.Administrator }, "setup");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        access.ForgetAccount(user.AccountId);
        return TypedResults.NoContent();
    }
}
