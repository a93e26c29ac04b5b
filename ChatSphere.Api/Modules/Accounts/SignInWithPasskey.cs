using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SignInWithPasskey
{
    /// <summary>Without a ticket, and with one that is not good any more, the options are for anybody: nothing tells which accounts there are.</summary>
    public static async Task<Ok<PasskeyOptionsResponse>> OptionsAsync(
        PasskeyOptionsRequest? request, HttpContext http, ChatSphereDb db, OneTimeTokens oneTime, PasskeyCeremonies passkeys, CancellationToken cancellationToken)
    {
        var ticket = await oneTime.FindAsync(OneTimePurposes.SecondFactor, request?.SecondFactorTicket, cancellationToken);
        var account = ticket is null ? null : await db.Users.AsNoTracking().SingleOrDefaultAsync(a => a.Id == ticket.AccountId, cancellationToken);
        return TypedResults.Ok(await passkeys.RequestOptionsAsync(http, account, cancellationToken));
    }

    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        PasskeySignInRequest request, HttpContext http, OneTimeTokens oneTime, PasskeyCeremonies passkeys, SignInSteps steps, CancellationToken cancellationToken)
    {
        var first = await oneTime.FindAsync(OneTimePurposes.SecondFactor, request.SecondFactorTicket, cancellationToken);
        if (request.SecondFactorTicket is not null && first is null)
        {
            return Refused();
        }

        var account = await passkeys.AssertAsync(http, first?.AccountId, request.Ticket, request.Credential, cancellationToken);
        if (account is null || account.DisabledAt is not null || account.Kind != AccountKind.Person)
        {
            return Refused();
        }

        // The person was verified by the authenticator, so a passkey is two factors by itself.
        List<string> methods = ["hwk"];
        if (first is not null)
        {
            if (!await oneTime.UseAsync(first, cancellationToken))
            {
                return Refused();
            }

            methods.InsertRange(0, oneTime.State<SignInSteps.Ticket>(first).Methods);
        }

        return TypedResults.Ok(await steps.StartSessionAsync(http, account, methods, cancellationToken));
    }

    private static ProblemHttpResult Refused() => Problems.Unauthorized(ErrorCodes.SecondFactorInvalid, "That passkey does not sign in here, or it took too long. Try again.");
}
