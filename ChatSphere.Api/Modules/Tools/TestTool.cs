using System.Text.Json;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

internal static class TestTool
{
    private const int MaxArgumentsLength = 32_000;

    /// <summary>Makes one call, at the hand of the editor who asks for it, so nobody else has to approve it.</summary>
    public static async Task<Results<Ok<TestToolResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, Guid toolId, TestToolRequest request, CurrentUser user, ChatSphereDb db, OutsideTools outside, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await db.BotTools.AsNoTracking().SingleOrDefaultAsync(t => t.Id == toolId && t.BotId == botId, cancellationToken) is not { } tool)
        {
            return Problems.NotFound();
        }

        var arguments = request.Arguments!.Value;
        if (arguments.ValueKind != JsonValueKind.Object || !ArgumentSchema.IsReadable(arguments) || arguments.GetRawText().Length > MaxArgumentsLength)
        {
            return Problems.Invalid("arguments", $"They must be a JSON object of at most {MaxArgumentsLength} characters.");
        }

        // Of a name that comes twice, the last counts, as everywhere.
        arguments = JsonSerializer.SerializeToElement(arguments.Deserialize<Dictionary<string, JsonElement>>());
        var id = Guid.CreateVersion7(time.GetUtcNow());
        if (await outside.CreateAsync(db, tool, id, cancellationToken) is not { } made)
        {
            return Problems.Invalid("toolId", "Only tools that go somewhere can be tested.");
        }

        if (ArgumentSchema.Problem(made.JsonSchema, arguments) is { } unfit)
        {
            return Problems.Invalid("arguments", unfit);
        }

        var started = time.GetTimestamp();
        var output = await made.Run(arguments, cancellationToken);
        outside.Release(id);
        var text = output.Text.Length > made.MaxResultLength ? output.Text[..made.MaxResultLength] : output.Text;
        return TypedResults.Ok(new TestToolResponse(text, output.IsError, (int)time.GetElapsedTime(started).TotalMilliseconds));
    }
}
