using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>
/// How often signing in has failed lately, by account or by network. Written by SQL only (see <c>SignInProtection</c>), so that attempts at the same moment on several
/// nodes are all counted. Kept for a day; the key is an HMAC, so the table tells nobody whose e-mail was tried.
/// </summary>
public sealed class SignInCount
{
    public required byte[] Key { get; init; }

    /// <summary>Attempts that have not turned out right, those under way included.</summary>
    public required int Failures { get; init; }
    public required DateTimeOffset LastAttemptAt { get; init; }

    /// <summary>Until then no password is looked at.</summary>
    public DateTimeOffset? BlockedUntil { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SignInCount>
    {
        public void Configure(EntityTypeBuilder<SignInCount> builder)
        {
            builder.ToTable("sign_in_counts", "accounts");
            builder.HasKey(c => c.Key);
            builder.HasIndex(c => c.LastAttemptAt);
        }
    }
}
