namespace ChatSphere.Data.Communities;

/// <summary>
/// Triggers, so that no way of changing rights, now or later, forgets to say so. Joining does not count: it takes nothing from anybody, and many may join at once.
/// </summary>
public static class CommunitiesSql
{
    public const string Up = """
        create function communities.count_channel() returns trigger language plpgsql as $$ begin insert into communities.channel_counters (channel_id, last_seq, last_change) values (new.id, 0, 0); return null; end $$;
        create trigger count_channel after insert on communities.channels for each row when (new.kind <> 'Category') execute function communities.count_channel();
        create function communities.rights_of_server() returns trigger language plpgsql as $$ begin new.rights_version := old.rights_version + 1; return new; end $$;
        create trigger rights_of_server before update of owner_id, delete_after on communities.servers for each row execute function communities.rights_of_server();
        create function communities.rights_changed() returns trigger language plpgsql as $$ begin update communities.servers set rights_version = rights_version + 1 where id = coalesce(new.server_id, old.server_id); return null; end $$;
        create trigger rights_changed after insert or delete or update of permissions, position on communities.server_roles for each row execute function communities.rights_changed();
        create trigger rights_changed after insert or delete on communities.member_roles for each row execute function communities.rights_changed();
        create trigger rights_changed after delete or update of timed_out_until on communities.server_members for each row execute function communities.rights_changed();
        create trigger rights_added after insert on communities.channels for each row when (new.kind <> 'Thread' and new.server_id is not null) execute function communities.rights_changed();
        create trigger rights_removed after delete on communities.channels for each row when (old.kind <> 'Thread' and old.server_id is not null) execute function communities.rights_changed();
        create trigger rights_updated after update of parent_id, deleted_at on communities.channels for each row when (new.kind <> 'Thread') execute function communities.rights_changed();
        create function communities.overwrite_changed() returns trigger language plpgsql as $$ begin update communities.servers set rights_version = rights_version + 1 where id = (select server_id from communities.channels where id = coalesce(new.channel_id, old.channel_id)); return null; end $$;
        create trigger overwrite_changed after insert or delete or update on communities.channel_overwrites for each row execute function communities.overwrite_changed();
        update accounts.roles set permissions = array_append(permissions, 'communities.read') where 'conversations.read' = any(permissions) and not 'communities.read' = any(permissions);
        update accounts.roles set permissions = array_append(permissions, 'communities.write') where 'conversations.write' = any(permissions) and not 'communities.write' = any(permissions);
        """;
}
