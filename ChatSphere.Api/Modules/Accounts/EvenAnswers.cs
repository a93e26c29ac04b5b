using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Answers 202 after the same time, whatever there was to do: neither words nor time tell whether an account exists.</summary>
internal sealed class EvenAnswers(IOptions<AccountsOptions> options, TimeProvider time)
{
    public async Task<Accepted> AcceptAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await WaitAsync(work, cancellationToken);
        return TypedResults.Accepted((string?)null);
    }

    public async Task WaitAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        var until = Task.Delay(options.Value.EvenTime, time, cancellationToken);
        await work();
        await until;
    }
}

/// <summary>Nobody's mailbox is filled by asking again and again: one mail of a kind in a minute, five in an hour.</summary>
internal sealed class MailLimits(ChatSphereDb db, TimeProvider time)
{
    private const int AnHour = 5;

    /// <summary>In the caller's transaction, which makes others who ask for the same account wait.</summary>
    public async Task<bool> AllowAsync(Guid accountId, string kind, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"select 1 from accounts.accounts where id = {accountId} for update", cancellationToken);
        var now = time.GetUtcNow();
        var (minute, hour) = (now.AddMinutes(-1), now.AddHours(-1));
        var sent = await db.OutgoingMails.Where(m => m.AccountId == accountId && m.Kind == kind && m.CreatedAt > hour).Select(m => m.CreatedAt).ToListAsync(cancellationToken);
        return sent.Count < AnHour && !sent.Exists(s => s > minute);
    }
}
