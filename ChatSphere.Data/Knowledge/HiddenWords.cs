namespace ChatSphere.Data.Knowledge;

/// <summary>
/// The lexical search over passages whose text is sealed. Their <c>tsv</c> holds, in place of each word, a keyed hash of it; the key comes with each statement and is
/// nowhere in the database. Who reads the table learns which passages share words, how often and in which order, but no word.
/// </summary>
public static class HiddenWordsSql
{
    public const string Up = """
        -- Written by whoever inserts where the text is sealed; otherwise made from it, as the generated columns were.
        alter table knowledge.chunks alter column tsv drop expression, alter column len drop expression;

        create function knowledge.chunk_words() returns trigger language plpgsql as
        $$ begin
          if new.tsv is null then
            new.tsv := knowledge.lex_tsv(new.context, new.text);
            new.len := knowledge.lex_len(new.context, new.text);
          end if;
          return new;
        end $$;
        create trigger chunk_words before insert on knowledge.chunks for each row execute function knowledge.chunk_words();

        -- Cut short, and with the key on both sides, so that no hash can be lengthened into another. Eighty bits: no two words of a language meet.
        create function knowledge.lex_hide_word(w text, key bytea) returns text language sql immutable parallel safe as
        $$ select left(encode(sha256(key || convert_to(w, 'UTF8') || key), 'hex'), 20) $$;

        create function knowledge.lex_hide(v tsvector, key bytea) returns tsvector language sql immutable parallel safe as
        $$ select coalesce(string_agg(knowledge.lex_hide_word(u.lexeme, key) || coalesce(':' || array_to_string(u.positions, ','), ''), ' '), '')::tsvector from unnest(v) u $$;

        create function knowledge.lex_words(v tsvector) returns int language sql immutable parallel safe as
        $$ select coalesce(sum(coalesce(array_length(u.positions, 1), 1)), 0)::int from unnest(v) u $$;

        -- As knowledge.lexical_search, where each word of the question stands for itself and for what each key makes of it: passages may be plain, or hidden under
        -- different keys, while they are being re-encrypted. Words and neighbours count; spelling and trigrams need the text and are left out.
        create function knowledge.lexical_search_hidden(p_bot uuid, p_query text, p_top int, p_keys bytea[])
        returns table (chunk_id uuid, score float8, share float8) language plpgsql stable
        rows 50
        set search_path = pg_catalog, pg_temp
        as $b$
        #variable_conflict use_column
        declare
          k1 constant float8 := 1.2;
          b constant float8 := 0.75;
          phrase_weight constant float8 := 0.4;
          max_terms constant int := 40;
          fq text := left(knowledge.lex_fold(p_query), 2000);
          v_n float8;
          v_avg float8;
          known boolean;
          lexemes text[];
          variants int[];
          forms text[];
          idfs float8[];
          dfs bigint[];
          ideal float8;
          oq tsquery;
          unready uuid[] := array(select d.id from knowledge.documents d where d.bot_id = p_bot and d.index_version is null);
        begin
          select s.chunks, s.total_len::float8 / nullif(s.chunks, 0) into v_n, v_avg from knowledge.lexical_stats s where s.bot_id = p_bot;
          known := coalesce(v_n, 0) > 0;
          if not known then
            select count(*), coalesce(avg(x.len), 1) into v_n, v_avg
            from (select c.len from knowledge.chunks c where c.bot_id = p_bot limit 20000) x;
            if v_n = 0 then
              return;
            end if;
          end if;

          with t as (
            select u.lexeme, coalesce(array_length(u.positions, 1), 1)::float8 m from unnest(to_tsvector('pg_catalog.english', fq)) u where length(u.lexeme) <= 64),
          f as (
            select t.lexeme, t.m, 0 variant, t.lexeme form from t
            union all
            select t.lexeme, t.m, k.n::int, knowledge.lex_hide_word(t.lexeme, k.key) from t, unnest(p_keys) with ordinality k(key, n)),
          d as (
            select f.*,
              case when known then coalesce((select x.df from knowledge.lexical_df x where x.bot_id = p_bot and x.lexeme = f.form), 0)
                else (select count(*) from (select 1 from knowledge.chunks c where c.bot_id = p_bot and c.tsv @@ knowledge.lex_lit(f.form) limit 20000) x) end df
            from f),
          w as (
            select d.lexeme, max(d.m) * ln(1 + greatest(v_n - sum(d.df) + 0.5, 0.5) / (sum(d.df) + 0.5)) idf, sum(d.df)::bigint df
            from d group by d.lexeme order by coalesce(nullif(sum(d.df), 0), 2147483647), d.lexeme limit max_terms)
          select array_agg(d.lexeme), array_agg(d.variant), array_agg(d.form), array_agg(w.idf), array_agg(w.df), (k1 + 1) * (select sum(w.idf) from w)
          into lexemes, variants, forms, idfs, dfs, ideal from w join d on d.lexeme = w.lexeme;
          if forms is null then
            return;
          end if;

          select string_agg(knowledge.lex_lit(y.form)::text, ' | ')::tsquery into oq
          from (select x.form, x.df, dense_rank() over (order by (x.df = 0), x.df, x.lexeme) rarity from unnest(lexemes, forms, dfs) x(lexeme, form, df)) y
          where y.rarity <= 2 or y.df <= greatest(500, 0.02 * v_n);

          return query
          with q as materialized (
            select x.lexeme, x.variant, x.form, knowledge.lex_lit(x.form) tq, x.idf from unnest(lexemes, variants, forms, idfs) x(lexeme, variant, form, idf)),
          c1 as materialized (
            select h.id,
              (select sum(q.idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * h.len / v_avg)))
               from q,
                 lateral (select ts_rank('{1,1,1,1}', h.tsv, q.tq, 0)::float8 r offset 0) y,
                 lateral (select case when r > 0 then greatest(1, 1 / (1.644934067 * greatest(1 - r, 0.002)) - 0.5) else 0 end tf offset 0) z) s
            from knowledge.chunks h
            where h.bot_id = p_bot and h.tsv @@ oq and h.document_id <> all (unready)
            order by 2 desc, 1 limit greatest(100, p_top)),
          qp as (
            select q.variant, q.form, q.idf, ps.pos
            from unnest(to_tsvector('pg_catalog.english', fq)) u join q on q.lexeme = u.lexeme, unnest(u.positions) ps(pos)),
          ph as materialized (
            select tsquery_phrase(knowledge.lex_lit(form), knowledge.lex_lit(nf), gap) pq, (idf + nidf) / 2 w
            from (select form, idf, lead(form) over o nf, lead(idf) over o nidf, (lead(pos) over o - pos)::int gap from qp window o as (partition by variant order by pos)) z
            where gap between 1 and 4),
          c2 as materialized (
            select c1.id, c1.s bm25, c1.s + phrase_weight * (select coalesce(sum(ph.w), 0) from ph where h.tsv @@ ph.pq) s
            from c1 join knowledge.chunks h on h.id = c1.id)
          select c2.id, (c2.s / nullif(max(c2.s) over (), 0))::float8, (c2.bm25 / nullif(ideal, 0))::float8
          from c2 order by c2.s desc, c2.id limit p_top;
        end $b$;

        -- Words for the repair of spelling are gathered from plain text only.
        create or replace function knowledge.refresh_lexical_stats(p_bot uuid) returns boolean language plpgsql
        set enable_nestloop = off
        as $$
        declare
          v_version bigint;
          v_since bigint;
        begin
          if not pg_try_advisory_xact_lock(hashtextextended(p_bot::text, 20261121)) then
            return false;
          end if;

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
            'select to_tsvector(''pg_catalog.simple'', knowledge.lex_fold(c.context || '' '' || c.text)) from knowledge.chunks c join knowledge.documents d on d.id = c.document_id where c.bot_id = %L::uuid and d.stage = ''Ready'' and d.index_version > %s and not starts_with(c.text, E''\x01s:'')',
            p_bot, v_since)) s
          where length(s.word) between 4 and 40 and s.word !~ '[0-9]' and ts_lexize('pg_catalog.english_stem', s.word) <> '{}'
          on conflict do nothing;

          insert into knowledge.lexical_stats (bot_id, chunks, total_len, version, refreshed_at)
          select p_bot, count(*), coalesce(sum(c.len), 0), v_version, now()
          from knowledge.chunks c join knowledge.documents d on d.id = c.document_id where c.bot_id = p_bot and d.stage = 'Ready'
          on conflict (bot_id) do update set chunks = excluded.chunks, total_len = excluded.total_len, version = excluded.version, refreshed_at = excluded.refreshed_at;
          return true;
        end $$;
        """;
}
