using System.Globalization;
using System.Text.Json;
using ChatSphere.Contracts.Audit;

namespace ChatSphere.Web.Text;

/// <summary>What happened, as a sentence. An action that is not known here is shown by its name: the log may be newer than this page.</summary>
public static class AuditSentences
{
    /// <summary>The part after the actor: “gave Ann the role editor”.</summary>
    public static string Of(AuditEventResponse e)
    {
        var target = e.TargetId == e.Actor.Id && e.TargetId is not null ? "themselves" : e.TargetName ?? Short(e.TargetId);
        return e.Action switch
        {
            "account.registered" => "registered",
            "account.created" => $"made the account of {target}",
            "account.changed" => $"changed the account of {target}",
            "account.disabled" => $"disabled {target}",
            "account.enabled" => $"enabled {target}",
            "account.deleted" => $"deleted the account of {target}",
            "account.signed_in" => "signed in",
            "account.sign_in_failed" => $"failed to sign in as {target}",
            "account.signed_out" => "signed out",
            "account.refresh_token_reused" => "used a session’s token that had been used before; the session was ended",
            "account.reauthenticated" => "confirmed who they are",
            "account.reauthentication_failed" => "failed to confirm who they are",
            "account.password_changed" => "changed the password",
            "account.password_reset_requested" => "asked for a new password",
            "account.password_reset" => "set a new password by mail",
            "account.email_confirmed" => "confirmed the e-mail address",
            "account.email_change_requested" => "asked to change the e-mail address",
            "account.email_changed" => "changed the e-mail address",
            "account.session_ended" => "ended a session",
            "rights.role_given" => $"gave {target} the role {Detail(e, "role")}",
            "rights.role_taken" => $"took the role {Detail(e, "role")} from {target}",
            "rights.group_joined" => $"put {target} into the group {Detail(e, "group")}",
            "rights.group_left" => $"took {target} out of the group {Detail(e, "group")}",
            "rights.group_role_given" => $"gave the group {Detail(e, "group")} the role {Detail(e, "role")}",
            "rights.group_role_taken" => $"took the role {Detail(e, "role")} from the group {Detail(e, "group")}",
            "rights.group_created" => $"made the group {Detail(e, "group")}",
            "rights.group_changed" => $"changed the group {Detail(e, "group")}",
            "rights.group_deleted" => $"deleted the group {Detail(e, "group")}",
            "rights.role_created" => $"made the role {Detail(e, "role")}",
            "rights.role_changed" => $"changed what the role {Detail(e, "role")} may do",
            "rights.role_deleted" => $"deleted the role {Detail(e, "role")}",
            "keys.created" => "made an API key",
            "keys.revoked" => "revoked an API key",
            "accounts.imported" => "imported accounts",
            "access.denied" => $"was refused something that needs {Detail(e, "permission")}",
            "audit.exported" => $"exported the audit log as {Detail(e, "format")}",
            "audit.verified" => e.Details?.TryGetProperty("valid", out var valid) == true && valid.ValueKind == JsonValueKind.False ? "checked the audit log, and it was not whole" : "checked the audit log",
            "network.rule_added" => $"{(Detail(e, "kind") == "Deny" ? "refused" : "let in")} the addresses {Detail(e, "cidr")}",
            "network.rule_removed" => $"took away the rule for the addresses {Detail(e, "cidr")}",
            "factors.totp_enabled" => "added an authenticator app",
            "factors.totp_removed" => "removed the authenticator app",
            "factors.recovery_codes_made" => "made new recovery codes",
            "factors.recovery_code_used" => "used a recovery code",
            "factors.second_factor_failed" => "failed the second step of signing in",
            "factors.passkey_added" => "added a passkey",
            "factors.passkey_removed" => "removed a passkey",
            "factors.login_linked" => $"linked an account at {Detail(e, "provider")}",
            "factors.login_unlinked" => $"unlinked the account at {Detail(e, "provider")}",
            "privacy.export_requested" => "asked for an export of their data",
            "privacy.export_downloaded" => "downloaded an export of their data",
            "privacy.erasure_requested" => $"asked to erase {target}",
            "privacy.erasure_cancelled" => $"cancelled the erasure of {target}",
            "privacy.account_erased" => $"erased {target}",
            "privacy.hold_placed" => $"placed a hold on {target}",
            "privacy.hold_lifted" => $"lifted a hold on {target}",
            "subscription.changed" => $"changed the plan of {target}",
            "plans.changed" => "changed the plans",
            "bot.shared" => $"shared the bot {target}",
            "bot.unshared" => $"took back a share of the bot {target}",
            "bot.publish_forced" => $"published a version of the bot {target} although its tests did not pass",
            "budget.changed" => e.TargetId is null ? "changed what everybody may spend" : $"changed what {target} may spend",
            "budget.usage_exported" => "exported who used how much",
            "conversation.published" => "made a link by which a chat can be read",
            "conversation.unpublished" => "took back a link to a chat",
            "models.provider_changed" => $"changed the connection {target} to a provider of models",
            "models.model_changed" => $"changed what holds for the model {target}",
            "models.embeddings_chosen" => Detail(e, "source") == "Provider" ? $"chose the embedding model {Detail(e, "model")}" : "chose to have documents found without an embedding model",
            "models.embeddings_cancelled" => $"gave up introducing the embedding model {Detail(e, "model")}",
            "models.embeddings_switched" => $"finished introducing the embedding model {Detail(e, "model")}",
            "models.embeddings_failed" => $"could not introduce the embedding model {Detail(e, "model")}",
            "prompt.shared" => "shared a prompt",
            "prompt.unshared" => "took back a share of a prompt",
            "tools.program_switched" => $"{(e.Details?.TryGetProperty("enabled", out var on) == true && on.ValueKind == JsonValueKind.True ? "switched on" : "switched off")} the program {target}",
            "tools.program_added" => $"let the program {target} serve tools",
            "tools.program_removed" => $"took away the program {target}",
            _ => e.TargetKind is null ? e.Action : $"{e.Action} · {e.TargetKind} {target}",
        };
    }

    public static string Who(AuditEventResponse e) => e.Actor switch
    {
        { Kind: AuditActorKind.System } => "ChatSphere",
        { Id: null } => "Somebody not signed in",
        { Kind: AuditActorKind.ApiKey, Name: { } name } => $"{name} (with an API key)",
        { Name: { } name } => name,
        { Id: { } id } => $"Account {Short(id)}",
    };

    /// <summary>The same for one's own history, where the actor is mostly oneself.</summary>
    public static string Mine(SecurityEventResponse e)
    {
        // What happens to one's rights is told as such, whoever did it.
        switch (e.Action)
        {
            case "rights.role_given":
                return "You were given a role";
            case "rights.role_taken":
                return "A role of yours was taken away";
            case "rights.group_joined":
                return "You were put into a group";
            case "rights.group_left":
                return "You were taken out of a group";
        }

        var sentence = Of(new AuditEventResponse(e.Id, e.At, e.Action, new AuditActorResponse(AuditActorKind.Person, null, null), null, null, null, null, "you", null, null, null));
        return e.By switch
        {
            "me" => "You " + sentence.Replace("themselves", "yourself", StringComparison.Ordinal).Replace("they are", "you are", StringComparison.Ordinal).Replace("their data", "your data", StringComparison.Ordinal),
            "nobody" => "Somebody " + sentence,
            "system" => "ChatSphere " + sentence,
            _ => "An administrator " + sentence,
        };
    }

    /// <summary>Of a problem that checking the log found.</summary>
    public static string Problem(string code) => code switch
    {
        "event_changed" => "An entry was changed",
        "event_missing" => "An entry was taken out",
        "link_missing" => "A link of the chain was taken out",
        "order_changed" => "Entries were exchanged or taken out",
        "chain_replaced" => "A part of the chain was made anew",
        "tail_cut" => "The end of the chain was cut off",
        "checkpoint_forged" => "A checkpoint’s signature is wrong",
        "checkpoint_missing" => "A checkpoint was taken out of the database",
        "event_not_linked" => "There are entries that never went into the chain",
        _ => code,
    };

    private static string Detail(AuditEventResponse e, string name) =>
        e.Details is { ValueKind: JsonValueKind.Object } details && details.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "…";

    private static string Short(Guid? id) => id is { } known ? known.ToString("n", CultureInfo.InvariantCulture)[^8..] : "…";
}
