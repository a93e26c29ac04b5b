using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <summary>Ranked full text search in plain PostgreSQL: see docs/retrieval.md for what each step is worth.</summary>
    public partial class LexicalSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // All three are "trusted": the owner of the database may create them without being superuser. They may be there already, in a schema that
            // somebody else chose, so the schema is asked for and written into the functions instead of being left to search_path.
            migrationBuilder.Sql("""
                create extension if not exists unaccent with schema public;
                create extension if not exists pg_trgm with schema public;
                create extension if not exists btree_gin with schema public;
                """);

            migrationBuilder.Sql("""
                do $migration$
                declare
                  unaccent_schema text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'unaccent');
                  trgm_schema text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
                  gin_schema text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'btree_gin');
                begin
                  -- Accents off, and everything but letters and digits to blanks: otherwise the default parser makes one token of a/b, x-y, host names and URLs.
                  -- Listed as code points because the classes of regular expressions depend on the database's locale. Declared immutable although unaccent is
                  -- only stable (its rules are a file); a generated column needs it.
                  execute format($f$
                    create function knowledge.lex_fold(t text) returns text language sql immutable parallel safe as
                    $b$ select regexp_replace(%1$I.unaccent(%2$L::regdictionary, t), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\xbf\u2000-\u206f\u3000-\u303f]+', ' ', 'g') $b$
                    $f$, unaccent_schema, quote_ident(unaccent_schema) || '.unaccent');

                  create function knowledge.lex_tsv(context text, body text) returns tsvector language sql immutable parallel safe as
                  $b$ select to_tsvector('pg_catalog.english', knowledge.lex_fold(context || ' ' || body)) $b$;

                  -- Words that count, repetitions included: the length in BM25.
                  create function knowledge.lex_len(context text, body text) returns int language sql immutable parallel safe as
                  $b$ select coalesce(sum(coalesce(array_length(u.positions, 1), 1)), 0)::int from unnest(knowledge.lex_tsv(context, body)) u $b$;

                  -- A lexeme as a query for just that lexeme, whatever characters it holds.
                  create function knowledge.lex_lit(l text) returns tsquery language sql immutable parallel safe as
                  $b$ select ('''' || replace(replace(l, '\', '\\'), '''', '''''') || '''')::tsquery $b$;

                  alter table knowledge.chunks
                    add column tsv tsvector generated always as (knowledge.lex_tsv(context, text)) stored,
                    add column len int generated always as (knowledge.lex_len(context, text)) stored;

                  -- Ranking reads tsv of every candidate: kept in the row, not compressed and not in the TOAST table, where a fifth of the time went.
                  alter table knowledge.chunks set (toast_tuple_target = 8160);

                  -- For `bot_id = … and tsv @@ …`: with the bot inside the index, a search costs what its own bot holds and not what all bots hold. The short
                  -- pending list keeps searches fast right after a load.
                  execute format('create index ix_chunks_bot_id_tsv on knowledge.chunks using gin (bot_id %I.uuid_ops, tsv) with (gin_pending_list_limit = 1024)', gin_schema);

                  -- Statistics of one bot's searchable chunks. They may lag behind or be missing; searches answer meanwhile.
                  create table knowledge.lexical_stats(bot_id uuid primary key, chunks bigint not null, total_len bigint not null, version bigint not null, refreshed_at timestamptz not null);
                  create table knowledge.lexical_df(bot_id uuid not null, lexeme text not null, df int not null, primary key (bot_id, lexeme));
                  create table knowledge.lexical_words(bot_id uuid not null, word text not null, stem text not null, primary key (bot_id, word));

                  -- For the spelling repair: which of this bot's words look like that one?
                  execute format('create index ix_lexical_words_word on knowledge.lexical_words using gin (bot_id %I.uuid_ops, word %I.gin_trgm_ops)', gin_schema, trgm_schema);
                end $migration$;
                """);

            // Counts anew and writes only what differs. One refresh of a bot at a time: a second caller gets false at once and asks again later, so nobody waits
            // and nothing deadlocks. Words are added as documents come; after a deletion (version -1, see ForgetDocument) they are gathered from scratch.
            migrationBuilder.Sql("""
                create function knowledge.refresh_lexical_stats(p_bot uuid) returns boolean language plpgsql
                -- The tables are rewritten faster than their statistics for the planner; with stale ones it would loop over them a million times.
                set enable_nestloop = off
                as $$
                declare
                  v_version bigint;
                  v_since bigint;
                begin
                  if not pg_try_advisory_xact_lock(hashtextextended(p_bot::text, 20261121)) then
                    return false;
                  end if;

                  -- Read before the counting: what becomes searchable meanwhile is then seen as not yet counted.
                  select c.version into v_version from knowledge.collections c where c.bot_id = p_bot;
                  select greatest(s.version, 0) into v_since from knowledge.lexical_stats s where s.bot_id = p_bot;
                  v_version := coalesce(v_version, 0);
                  v_since := coalesce(v_since, 0);

                  with fresh as materialized (
                    select s.word, s.ndoc from ts_stat(format(
                      'select c.tsv from knowledge.chunks c join knowledge.documents d on d.id = c.document_id where c.bot_id = %L::uuid and d.stage = ''Ready''', p_bot)) s
                    where length(s.word) <= 64),
                  gone as (
                    delete from knowledge.lexical_df f where f.bot_id = p_bot and not exists (select 1 from fresh n where n.word = f.lexeme))
                  insert into knowledge.lexical_df (bot_id, lexeme, df) select p_bot, n.word, n.ndoc from fresh n
                  on conflict (bot_id, lexeme) do update set df = excluded.df where knowledge.lexical_df.df <> excluded.df;

                  if v_since = 0 then
                    delete from knowledge.lexical_words w where w.bot_id = p_bot;
                  end if;

                  insert into knowledge.lexical_words (bot_id, word, stem)
                  select p_bot, s.word, (ts_lexize('pg_catalog.english_stem', s.word))[1]
                  from ts_stat(format(
                    'select to_tsvector(''pg_catalog.simple'', knowledge.lex_fold(c.context || '' '' || c.text)) from knowledge.chunks c join knowledge.documents d on d.id = c.document_id where c.bot_id = %L::uuid and d.stage = ''Ready'' and d.index_version > %s',
                    p_bot, v_since)) s
                  where length(s.word) between 4 and 40 and s.word !~ '[0-9]' and ts_lexize('pg_catalog.english_stem', s.word) <> '{}'
                  on conflict do nothing;

                  insert into knowledge.lexical_stats (bot_id, chunks, total_len, version, refreshed_at)
                  select p_bot, count(*), coalesce(sum(c.len), 0), v_version, now()
                  from knowledge.chunks c join knowledge.documents d on d.id = c.document_id where c.bot_id = p_bot and d.stage = 'Ready'
                  on conflict (bot_id) do update set chunks = excluded.chunks, total_len = excluded.total_len, version = excluded.version, refreshed_at = excluded.refreshed_at;
                  return true;
                end $$;
                """);

            // BM25, with the term frequency recovered from ts_rank: for one term and normalisation 0, ts_rank r = (1/1.644934)·Σ 1/i² over its occurrences, so
            // tf ≈ 1/(1.644934·(1 − r)) − 0.5. Then spelling repair (words that the bot does not have are joined by up to three similar ones that it has), a bonus
            // for neighbouring words that stand together, and trigram similarity on the best twenty.
            //   score: orders; comparable within one result.
            //   share: of what a passage could score at most for this question; comparable between questions.
            migrationBuilder.Sql("""
                do $migration$
                declare
                  trgm_schema text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
                begin
                  execute format($f$
                    create function knowledge.lexical_search(p_bot uuid, p_query text, p_top int)
                    returns table (chunk_id uuid, score float8, share float8) language plpgsql stable
                    -- Without this the planner expects a thousand rows and reads all chunks to join them.
                    rows 50
                    set search_path = pg_catalog, pg_temp
                    as $b$
                    #variable_conflict use_column
                    declare
                      k1 constant float8 := 1.2;
                      b constant float8 := 0.75;
                      phrase_weight constant float8 := 0.4;
                      trigram_weight constant float8 := 0.6;
                      -- Long questions are cut to their rarest words: the time goes with words times candidates.
                      max_terms constant int := 40;
                      fq text := left(knowledge.lex_fold(p_query), 2000);
                      v_n float8;
                      v_avg float8;
                      known boolean;
                      terms text[];
                      tqs tsquery[];
                      idfs float8[];
                      dfs int[];
                      ideal float8;
                      oq tsquery;
                      -- Documents of the bot that are not searchable yet: few, and found by the index on (bot_id, index_version). Naming these instead of joining
                      -- those that are ready keeps the planner from reading all chunks of all documents.
                      unready uuid[] := array(select d.id from knowledge.documents d where d.bot_id = p_bot and d.index_version is null);
                    begin
                      select s.chunks, s.total_len::float8 / nullif(s.chunks, 0) into v_n, v_avg from knowledge.lexical_stats s where s.bot_id = p_bot;
                      known := coalesce(v_n, 0) > 0;
                      if not known then
                        -- No statistics yet: count what is there. A sample does for the mean length.
                        select count(*), coalesce(avg(x.len), 1) into v_n, v_avg
                        from (select c.len from knowledge.chunks c where c.bot_id = p_bot limit 20000) x;
                        if v_n = 0 then
                          return;
                        end if;
                      end if;

                      with t0 as (
                        select u.lexeme, coalesce(array_length(u.positions, 1), 1)::float8 m from unnest(to_tsvector('pg_catalog.english', fq)) u where length(u.lexeme) <= 64),
                      oov as (
                        select distinct lower(x) w from regexp_split_to_table(trim(fq), ' +') x
                        where known and length(x) between 4 and 40 and x !~ '[0-9]' and ts_lexize('pg_catalog.english_stem', lower(x)) <> '{}'
                          and not exists (select 1 from knowledge.lexical_df f where f.bot_id = p_bot and f.lexeme = (ts_lexize('pg_catalog.english_stem', lower(x)))[1])
                        limit 12),
                      fix as (
                        select y.stem lexeme, max(y.sim)::float8 m
                        from oov, lateral (
                          select z.stem, %1$I.similarity(z.word, oov.w) sim from knowledge.lexical_words z
                          where z.bot_id = p_bot and z.word operator(%1$I.%%) oov.w order by 2 desc, z.word limit 3) y
                        group by 1),
                      t as (select lexeme, max(m) m from (select * from t0 union all select * from fix) a group by 1),
                      d as (
                        select t.lexeme, t.m,
                          case when known then f.df
                            else (select count(*)::int from (select 1 from knowledge.chunks c where c.bot_id = p_bot and c.tsv @@ knowledge.lex_lit(t.lexeme) limit 20000) x) end df
                        from t left join knowledge.lexical_df f on f.bot_id = p_bot and f.lexeme = t.lexeme),
                      -- A word without a count is most likely in no chunk, but it may be in one that came after the last count: last in line, not left out.
                      e as (select d.lexeme, d.m * ln(1 + greatest(v_n - coalesce(d.df, 0) + 0.5, 0.5) / (coalesce(d.df, 0) + 0.5)) idf, coalesce(d.df, 0) df
                        from d order by coalesce(nullif(d.df, 0), 2147483647), d.lexeme limit max_terms)
                      select array_agg(lexeme order by df), array_agg(knowledge.lex_lit(lexeme) order by df), array_agg(idf order by df), array_agg(df order by df),
                        (k1 + 1) * sum(idf) filter (where lexeme in (select lexeme from t0))
                      into terms, tqs, idfs, dfs, ideal from e;
                      if terms is null then
                        return;
                      end if;

                      -- Words in many chunks count but fetch no candidates of their own, except the two rarest that stand anywhere.
                      select string_agg(y.tq::text, ' | ')::tsquery into oq
                      from (select x.tq, x.df, row_number() over (order by (x.df = 0), x.df) rarity from unnest(tqs, dfs) x(tq, df)) y
                      where y.rarity <= 2 or y.df <= greatest(500, 0.02 * v_n);

                      return query
                      with q as materialized (select * from unnest(terms, tqs, idfs) x(lexeme, tq, idf)),
                      c1 as materialized (
                        select h.id,
                          (select sum(q.idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * h.len / v_avg)))
                           from q,
                             lateral (select ts_rank('{1,1,1,1}', h.tsv, q.tq, 0)::float8 r offset 0) y,
                             lateral (select case when r > 0 then greatest(1, 1 / (1.644934067 * greatest(1 - r, 0.002)) - 0.5) else 0 end tf offset 0) z) s
                        from knowledge.chunks h
                        where h.bot_id = p_bot and h.tsv @@ oq and h.document_id <> all (unready)
                        order by 2 desc, 1 limit greatest(100, p_top)),
                      qp as (select q.lexeme, q.idf, ps.pos from unnest(to_tsvector('pg_catalog.english', fq)) u join q on q.lexeme = u.lexeme, unnest(u.positions) ps(pos)),
                      ph as materialized (
                        select tsquery_phrase(knowledge.lex_lit(lexeme), knowledge.lex_lit(nl), gap) pq, (idf + nidf) / 2 w
                        from (select lexeme, idf, lead(lexeme) over o nl, lead(idf) over o nidf, (lead(pos) over o - pos)::int gap from qp window o as (order by pos)) z
                        where gap between 1 and 4),
                      c2 as materialized (
                        select c1.id, h.text body, c1.s bm25, c1.s + phrase_weight * (select coalesce(sum(ph.w), 0) from ph where h.tsv @@ ph.pq) s
                        from c1 join knowledge.chunks h on h.id = c1.id),
                      c3 as materialized (select c2.*, row_number() over (order by c2.s desc, c2.id) rn, max(c2.s) over () mx from c2)
                      -- What is not compared by trigrams stands behind all that is.
                      select c3.id,
                        (c3.s / nullif(c3.mx, 0) + case when c3.rn <= 20 then trigram_weight * %1$I.strict_word_similarity(left(p_query, 500), c3.body) else -1 end)::float8,
                        (c3.bm25 / nullif(ideal, 0))::float8
                      from c3 order by 2 desc, c3.rn limit p_top;
                    end $b$
                    $f$, trgm_schema);
                end $migration$;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
