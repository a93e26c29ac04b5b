using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Bots;

public sealed partial record CreateBotRequest
{
    /// <summary>What it is for, in lists.</summary>
    [StringLength(300)]
    public string? Description { get; init; }

    /// <summary>Shown before the first question.</summary>
    [StringLength(2_000)]
    public string? Greeting { get; init; }

    /// <summary>Questions to begin with, each of 1 to 200 characters.</summary>
    [MaxLength(6)]
    public IReadOnlyList<string>? Starters { get; init; }

    public bool? ReviewBeforePublishing { get; init; }
}

public sealed partial record UpdateBotRequest
{
    [StringLength(300)]
    public string? Description { get; init; }

    [StringLength(2_000)]
    public string? Greeting { get; init; }

    /// <summary>In place of those before.</summary>
    [MaxLength(6)]
    public IReadOnlyList<string>? Starters { get; init; }

    /// <summary>True: from this request on, changes wait as a draft until they are published. It cannot be turned off while there is a draft.</summary>
    public bool? ReviewBeforePublishing { get; init; }

    /// <summary>Settings that go back to what they are by themselves: <c>model</c>, <c>temperature</c>, <c>fallback</c>, <c>description</c>, <c>greeting</c>, <c>starters</c>. Null leaves a value as it is, so this is how one takes it away.</summary>
    [MaxLength(20)]
    public IReadOnlyList<string>? Reset { get; init; }

    /// <summary>Why, for whoever reads the versions.</summary>
    [StringLength(500)]
    public string? Note { get; init; }
}

public sealed partial record BotResponse
{
    public string Description { get; init; } = "";

    public string Greeting { get; init; } = "";

    public IReadOnlyList<string> Starters { get; init; } = [];

    /// <summary>Changes with the picture, for <c>GET /v1/bots/{botId}/avatar?v=</c>; null: no picture.</summary>
    public string? Avatar { get; init; }

    /// <summary>Set: put away. It is in no list and answers nobody.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    public bool ReviewBeforePublishing { get; init; }

    /// <summary>The version in effect.</summary>
    public int Version { get; init; }

    /// <summary>Changes with every change of settings or draft. As <c>ETag</c> too; send it back as <c>If-Match</c> to change only what you have seen.</summary>
    public int Revision { get; init; }

    /// <summary>Changes that wait to be published; null: none, or the caller may not edit the bot.</summary>
    public BotSettingsResponse? Draft { get; init; }

    /// <summary>A version that a share of the conversations gets; null: none, or the caller may not edit the bot.</summary>
    public BotCanaryResponse? Canary { get; init; }
}

/// <summary>The settings that shape a bot's answers, all of them.</summary>
public sealed partial record BotSettingsResponse(
    string Name, string Description, string Instructions, string? Model, IReadOnlyList<string> Fallback, double? Temperature, string Greeting, IReadOnlyList<string> Starters, bool Strict, bool UsesMemory);

/// <param name="Percent">Of the conversations, by a hash of their ids, so that one stays with what it got.</param>
public sealed record BotCanaryResponse(int Version, int Percent);

[JsonConverter(typeof(SnakeCaseEnum<VersionOrigin>))]
public enum VersionOrigin
{
    Created,
    Changed,
    Published,
    Canary,
    RolledBack,

    /// <summary>In effect without having been kept at the time.</summary>
    Found,
}

/// <param name="Author">Null: not known, or the account is gone.</param>
/// <param name="RestoredFrom">The version that it is equal to, when it was made by going back.</param>
/// <param name="Settings">Null in lists.</param>
public sealed record BotVersionResponse(
    int Number, VersionOrigin Origin, bool IsLive, bool IsCanary, BotOwner? Author, string? Note, int? RestoredFrom, DateTimeOffset CreatedAt, BotSettingsResponse? Settings);

/// <summary>What changes from one version to another; settings that are the same in both are left out.</summary>
/// <param name="From">A number, <c>live</c> or <c>draft</c>.</param>
public sealed record BotDiffResponse(string From, string To, IReadOnlyList<SettingDiff> Settings);

/// <param name="Setting">As it is called in <see cref="BotSettingsResponse"/>.</param>
/// <param name="Lines">For texts of several lines: what was taken away and added, with the lines around.</param>
public sealed record SettingDiff(string Setting, JsonElement Before, JsonElement After, IReadOnlyList<DiffLine>? Lines);

/// <param name="Kind"><c>same</c>, <c>removed</c>, <c>added</c> or <c>skipped</c> (lines that are the same and not shown).</param>
public sealed record DiffLine(string Kind, string Text);

public sealed record RollBackBotRequest([property: Required, Range(1, int.MaxValue)] int? Version, [property: StringLength(500)] string? Note = null);

/// <param name="Percent">Null: for everybody. 1 to 99: as a canary, for this share of the conversations.</param>
/// <param name="Override">Publish although tests fail that the version in effect passes, or were not run; needs <paramref name="Reason"/>, which is written to the audit log.</param>
public sealed record PublishBotRequest(
    [property: StringLength(500)] string? Note = null, [property: Range(1, 99)] int? Percent = null, bool Override = false, [property: StringLength(400)] string? Reason = null);

public sealed record ShareCanaryRequest([property: Required, Range(1, 99)] int? Percent);

/// <param name="Name">Null: the same with “(copy)” behind it.</param>
/// <param name="Knowledge">Its documents too. They are read anew for the copy, and count in the plan of whoever copies.</param>
public sealed record CloneBotRequest([property: StringLength(80, MinimumLength = 1)] string? Name = null, bool Knowledge = false);

public sealed record BotAvatarResponse(string Avatar, string ContentType, int Width, int Height);
