using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Audit;

/// <summary>An event's place in the chain. Numbers have no gaps; each hash covers the event, its number and the hash before it. See docs/audit.md.</summary>
public sealed class AuditLink
{
    /// <summary>From 1.</summary>
    public required long Seq { get; init; }
    public required Guid EventId { get; init; }
    public required byte[] PreviousHash { get; init; }
    public required byte[] Hash { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditLink>
    {
        public void Configure(EntityTypeBuilder<AuditLink> builder)
        {
            builder.ToTable("links", "audit");
            builder.HasKey(l => l.Seq);
            builder.Property(l => l.Seq).ValueGeneratedNever();
            builder.HasIndex(l => l.EventId).IsUnique();
        }
    }
}

/// <summary>An event that is not in the chain yet; a trigger adds it with the event. A list of what is to be done, not part of the record.</summary>
public sealed class PendingAuditEvent
{
    public required Guid EventId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PendingAuditEvent>
    {
        public void Configure(EntityTypeBuilder<PendingAuditEvent> builder)
        {
            builder.ToTable("pending", "audit");
            builder.HasKey(p => p.EventId);
        }
    }
}

/// <summary>What the chain's end was at a moment, signed. The same stands in a file outside the database.</summary>
public sealed class AuditCheckpoint
{
    public required long Seq { get; init; }
    public required byte[] Hash { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string KeyId { get; init; }

    /// <summary>ECDSA P-256 with SHA-256, r and s side by side, over <see cref="CanonicalEvent.OfCheckpoint"/>.</summary>
    public required byte[] Signature { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditCheckpoint>
    {
        public void Configure(EntityTypeBuilder<AuditCheckpoint> builder)
        {
            builder.ToTable("checkpoints", "audit");
            builder.HasKey(c => c.Seq);
            builder.Property(c => c.Seq).ValueGeneratedNever();
            builder.Property(c => c.KeyId).HasMaxLength(64);
        }
    }
}

/// <summary>A key that signs checkpoints.</summary>
public sealed class AuditKey
{
    public required string Id { get; init; }

    /// <summary>SubjectPublicKeyInfo.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>PKCS#8, sealed by the secret box. Who can write to the database but does not have the encryption key cannot make a key that counts.</summary>
    public required byte[] ProtectedPrivateKey { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditKey>
    {
        public void Configure(EntityTypeBuilder<AuditKey> builder)
        {
            builder.ToTable("keys", "audit");
            builder.Property(k => k.Id).HasMaxLength(64);
        }
    }
}

/// <summary>What EF cannot say of these tables.</summary>
public static class AuditSql
{
    /// <summary>
    /// Triggers besides the missing rights of the application's role, because the owner has all rights: changing a row then takes a change of the schema, which is seen
    /// elsewhere. <c>enable always</c>: also where triggers are switched off for replication. A key's sealed half may be sealed anew.
    /// </summary>
    public const string Up = """
        create function audit.await_link() returns trigger language plpgsql as
        $$ begin insert into audit.pending (event_id) values (new.id) on conflict do nothing; return null; end $$;
        create trigger await_link after insert on audit.events for each row execute function audit.await_link();
        insert into audit.pending (event_id) select id from audit.events on conflict do nothing;

        create function audit.refuse_change() returns trigger language plpgsql as
        $$ begin raise exception 'audit.% takes additions only: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege'; end $$;
        create trigger additions_only before update or delete on audit.events for each row execute function audit.refuse_change();
        create trigger additions_only before update or delete on audit.links for each row execute function audit.refuse_change();
        create trigger additions_only before update or delete on audit.checkpoints for each row execute function audit.refuse_change();
        create trigger additions_only before update of id, public_key, created_at or delete on audit.keys for each row execute function audit.refuse_change();
        create trigger never_emptied before truncate on audit.events for each statement execute function audit.refuse_change();
        create trigger never_emptied before truncate on audit.links for each statement execute function audit.refuse_change();
        create trigger never_emptied before truncate on audit.checkpoints for each statement execute function audit.refuse_change();
        create trigger never_emptied before truncate on audit.keys for each statement execute function audit.refuse_change();
        alter table audit.events enable always trigger additions_only, enable always trigger never_emptied, enable always trigger await_link;
        alter table audit.links enable always trigger additions_only, enable always trigger never_emptied;
        alter table audit.checkpoints enable always trigger additions_only, enable always trigger never_emptied;
        alter table audit.keys enable always trigger additions_only, enable always trigger never_emptied;
        """;
}
