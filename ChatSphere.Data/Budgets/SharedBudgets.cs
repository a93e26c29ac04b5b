using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace ChatSphere.Data.Budgets;

internal sealed class SharedBudgets(ChatSphereDb db, TimeProvider time) : IBudgets
{
    public Task<BudgetRefusal?> ReserveAsync(BudgetClaim claim, CancellationToken cancellationToken) =>
        InTransactionAsync((connection, transaction) => BudgetLedger.ReserveAsync(connection, transaction, claim, time.GetUtcNow(), cancellationToken), cancellationToken);

    public Task<bool> SettleAsync(Guid id, BudgetSpent? spent, CancellationToken cancellationToken) =>
        InTransactionAsync((connection, transaction) => BudgetLedger.SettleAsync(connection, transaction, id, spent, cancellationToken), cancellationToken);

    private async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> act, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (db.Database.CurrentTransaction is { } current)
        {
            return await act(connection, (NpgsqlTransaction)current.GetDbTransaction());
        }

        await using var own = await db.Database.BeginTransactionAsync(cancellationToken);
        var result = await act(connection, (NpgsqlTransaction)own.GetDbTransaction());
        await own.CommitAsync(cancellationToken);
        return result;
    }
}

public static class BudgetRegistration
{
    /// <summary><see cref="IBudgets"/>; needs <c>AddChatSphereData</c>.</summary>
    public static IHostApplicationBuilder AddBudgetLedger(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddScoped<IBudgets, SharedBudgets>();
        return builder;
    }
}
