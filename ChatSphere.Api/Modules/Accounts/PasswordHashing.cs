using System.Text;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// Identity's PBKDF2 (version 3), over the password in Unicode's composed form (NFC, as RFC 8265 has it for passwords): the same keys pressed on two systems may arrive
/// composed or decomposed. Nothing else is changed: no trimming, no folding of case or width, nothing cut off.
/// </summary>
internal sealed class PasswordHashing(IOptions<PasswordHasherOptions> options) : PasswordHasher<Account>(options)
{
    private string? _nobody;

    public override string HashPassword(Account user, string password) => base.HashPassword(user, Normalized(password));

    public override PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword) =>
        base.VerifyHashedPassword(user, hashedPassword, Normalized(providedPassword));

    /// <summary>Takes as long for an account that is not there, or has no password, as for one that has.</summary>
    public PasswordVerificationResult Verify(Account? account, string password)
    {
        _nobody ??= base.HashPassword(new Account(), Guid.NewGuid().ToString());
        var result = VerifyHashedPassword(account ?? new Account(), account?.PasswordHash ?? _nobody, password);
        return account?.PasswordHash is null ? PasswordVerificationResult.Failed : result;
    }

    /// <summary>What is not Unicode stays as it is; it matches nothing.</summary>
    public static string Normalized(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return password;
        }
    }
}
