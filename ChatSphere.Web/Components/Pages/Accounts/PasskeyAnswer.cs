using System.Text.Json;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Web.Components.Pages.Accounts;

/// <summary>What a form with a <c>PasskeyButton</c> brings.</summary>
public sealed class PasskeyAnswer
{
    public string? Ticket { get; set; }

    public string? Credential { get; set; }

    /// <summary>Only where the passkey is new.</summary>
    public string? Name { get; set; }

    /// <returns>Null when a script did not fill the form in.</returns>
    public PasskeyProof? Read()
    {
        try
        {
            return Ticket is { Length: > 0 and <= 100 } ticket && Credential is { Length: > 0 and < 32_768 } text ? new(ticket, JsonSerializer.Deserialize<JsonElement>(text)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
