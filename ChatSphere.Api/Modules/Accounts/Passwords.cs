using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Identity;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Refuses passwords that a guesser tries first: one's own name or address, a run of one character, a keyboard or number row, a well-known phrase, one of <see cref="CommonPasswords"/>.</summary>
internal sealed class Passwords : IPasswordValidator<Account>
{
    public const int MinLength = 12;

    private static readonly string[] Rows = ["01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn"];

    private static readonly string[] Parts =
        ["password", "passw0rd", "p@ssword", "p@ssw0rd", "letmein", "welcome", "iloveyou", "administrator", "admin", "changeme", "qwerty", "football", "baseball", "sunshine", "princess", "dragon", "monkey", "chatsphere", "secret", "default", "correcthorsebatterystaple"];

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password)
    {
        var normal = PasswordHashing.Normalized(password ?? "");
        var plain = normal.ToLowerInvariant();
        return Task.FromResult(normal.EnumerateRunes().Count() < MinLength || CommonPasswords.Contain(plain) || IsGuessable(plain, user)
            ? IdentityResult.Failed(new IdentityError { Code = "PasswordGuessable", Description = $"Choose a password of at least {MinLength} characters that nobody would guess: not your name or address, a keyboard row or a well-known phrase." })
            : IdentityResult.Success);
    }

    private static bool IsGuessable(string plain, Account user)
    {
        if (plain.Distinct().Count() < 4 || Rows.Any(r => r.Contains(plain, StringComparison.Ordinal) || Reverse(r).Contains(plain, StringComparison.Ordinal)))
        {
            return true;
        }

        // What is left when the words that everybody uses are taken out must still be worth guessing.
        var local = user.Email?.Split('@')[0].ToLowerInvariant();
        var rest = Parts.Append(user.Email?.ToLowerInvariant()).Append(local).Append(user.DisplayName.ToLowerInvariant()).Where(p => p is { Length: >= 4 })
            .OrderByDescending(p => p!.Length).Aggregate(plain, (left, part) => left.Replace(part!, "", StringComparison.Ordinal));
        return rest != plain && rest.Length < 6;
    }

    private static string Reverse(string text) => new([.. text.Reverse()]);
}
