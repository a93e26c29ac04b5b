namespace ChatSphere.Data.Context;

/// <summary>What EF cannot say of summaries.</summary>
public static class ContextSql
{
    /// <summary>
    /// A summary tells what messages said; when one of those before its end says something else now, or is gone, so is the summary. Here rather than in each place that changes
    /// messages, of which there will be more. An answer being written is not covered by any.
    /// </summary>
    public const string Up = """
        create function conversations.forget_summaries() returns trigger language plpgsql as
        $$ begin
          delete from conversations.conversation_summaries s where s.conversation_id = old.conversation_id and s.up_to_seq >= old.seq;
          return null;
        end $$;
        create trigger forget_summaries_of_changed after update of text on conversations.messages for each row
          when (old.state <> 'Generating' and old.text is distinct from new.text) execute function conversations.forget_summaries();
        create trigger forget_summaries_of_deleted after delete on conversations.messages for each row execute function conversations.forget_summaries();
        """;
}
