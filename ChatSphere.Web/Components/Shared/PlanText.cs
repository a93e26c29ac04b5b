using System.Globalization;
using ChatSphere.Contracts.Plans;

namespace ChatSphere.Web.Components.Shared;

/// <summary>Plans and amounts in words.</summary>
public static class PlanText
{
    public static string Price(PlanPrice? price) => price is null ? "No price" : $"{price.Amount.ToString("0.##", CultureInfo.CurrentCulture)} {price.Currency} a month";

    public static IEnumerable<string> Limits(PlanLimits limits)
    {
        yield return Count(limits.MessagesPerDay, "message", " a day");
        yield return Count(limits.Bots, "bot");
        yield return Count(limits.Documents, "document");
        yield return limits.StorageBytes is { } bytes ? $"{Bytes(bytes)} of documents" : "Documents of any size together";
        yield return Count(limits.ApiKeys, "API key");
        yield return limits.Models is null ? "All models" : limits.Models.Count == 0 ? "The default model" : $"The default model and {string.Join(", ", limits.Models)}";
        if (!limits.OwnKeys)
        {
            yield return "No keys of your own for models";
        }

        if (limits.Seats is not 0)
        {
            yield return limits.Seats is { } seats ? Count(seats, "seat", " for others") : "Any number of seats for others";
        }
    }

    public static string Count(long? count, string thing, string after = "") =>
        count is null ? $"Any number of {thing}s{after}" : count == 0 ? $"No {thing}s{after}" : $"{count.Value.ToString("N0", CultureInfo.CurrentCulture)} {thing}{(count == 1 ? "" : "s")}{after}";

    public static string Kind(string kind) => kind switch
    {
        "messages" => "Messages today",
        "bots" => "Bots",
        "documents" => "Documents",
        "storage_bytes" => "Storage",
        "api_keys" => "API keys",
        "seats" => "Seats",
        _ => kind,
    };

    public static string Amount(string kind, long amount) => kind == "storage_bytes" ? Bytes(amount) : amount.ToString("N0", CultureInfo.CurrentCulture);

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{(bytes / (double)(1L << 30)).ToString("0.#", CultureInfo.CurrentCulture)} GB",
        >= 1L << 20 => $"{(bytes / (double)(1L << 20)).ToString("0.#", CultureInfo.CurrentCulture)} MB",
        >= 1L << 10 => $"{(bytes / (double)(1L << 10)).ToString("0.#", CultureInfo.CurrentCulture)} kB",
        _ => $"{bytes} bytes",
    };

    public static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.CurrentCulture);
}
