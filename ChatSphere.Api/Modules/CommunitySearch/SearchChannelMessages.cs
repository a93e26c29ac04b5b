using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Search;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Secrets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.CommunitySearch;

/// <summary>
/// Rights come first: the channels that the asker may read now are part of the question to the index, so nothing else is ranked, counted or cut off from. See docs/search.md.
/// </summary>
internal static class SearchChannelMessages
{
    private const int Most = 50;
    private const int Ranked = 1_000;

    /// <summary>Where texts are stored sealed: what one request opens at most.</summary>
    private const int MostRead = 10_000;
    private const int Batch = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private sealed record Hit(Guid Id, DateTimeOffset CreatedAt, float Rank, string Language);

    private sealed record Variants(int Term, string[] Found);

    private sealed record Headline(Guid Id, string Text);

    /// <summary>Where a page ended. Of the newest only the time counts; of the best the newest of all, which they were taken from, and the rank.</summary>
    private sealed record Key(DateTimeOffset Time, Guid Id, DateTimeOffset Newest, float Rank);

    public static async Task<Results<Ok<FoundChannelMessagesResponse>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, ChannelsInSight channels, QueriedNames names, ContentSeal seal, TimeProvider time, CancellationToken cancellationToken,
        string? q = null, string? order = null, string? cursor = null, int? limit = null)
    {
        if (!TryRead(cursor, out var from))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (order is not (null or "newest" or "best"))
        {
            return Problems.Invalid("order", "newest or best.");
        }

        if (string.IsNullOrWhiteSpace(q) || TextRules.HasUnstorable(q))
        {
            return Problems.Invalid("q", $"1 to {MessageQuery.MostCharacters} characters, without NUL and broken surrogates.");
        }

        var zone = NotificationRules.ZoneOf(await db.Profiles.Where(p => p.AccountId == user.AccountId).Select(p => p.TimeZone).SingleOrDefaultAsync(cancellationToken));
        if (MessageQuery.TryParse(q, zone, out var query) is { } wrong)
        {
            return Problems.Invalid("q", wrong);
        }

        var sight = await channels.OfAsync(user.AccountId, cancellationToken);
        if (await FilterAsync(user, query, sight, names, cancellationToken) is not { } filter)
        {
            return TypedResults.Ok(new FoundChannelMessagesResponse([], null));
        }

        if (!query.AsksForSomething)
        {
            return TypedResults.Ok(new FoundChannelMessagesResponse([], null));
        }

        var take = Math.Min(Cursor.Limit(limit), Most);
        if (seal.IsActive)
        {
            return TypedResults.Ok(await ReadThroughAsync(db, query, filter, sight, from, take, time, cancellationToken));
        }

        var words = await WordsAsync(db, query, cancellationToken);
        // Without words nothing fits better than anything else.
        var best = order == "best" && words is not null;
        var hits = await HitsAsync(db, filter, words, best, from, take + 1, time, cancellationToken);
        var page = hits.Take(take).ToList();
        var items = await NameAsync(db, sight, page, words, cancellationToken);
        var newest = best ? from?.Newest ?? filter.Newest : default;
        return TypedResults.Ok(new FoundChannelMessagesResponse(items, hits.Count > take ? Of(new Key(page[^1].CreatedAt, page[^1].Id, newest, page[^1].Rank)) : null));
    }

    /// <summary>Conditions in SQL with their parameters; nothing of the query's text is in the SQL.</summary>
    private sealed class Filter
    {
        public StringBuilder Sql { get; } = new();
        public List<NpgsqlParameter> Parameters { get; } = [];
        public MessageHolds Has { get; set; }
        public MessageHolds HasNot { get; set; }

        /// <summary>What has come after the first page was asked for does not move the pages of the best.</summary>
        public DateTimeOffset Newest { get; set; }

        public Filter And<T>(string condition, T value)
        {
            Parameters.Add(new NpgsqlParameter<T> { ParameterName = $"p{Parameters.Count}", TypedValue = value });
            Sql.Append(" and ").Append(string.Format(System.Globalization.CultureInfo.InvariantCulture, condition, $"@p{Parameters.Count - 1}"));
            return this;
        }

        public Filter Copy()
        {
            var copy = new Filter { Has = Has, HasNot = HasNot, Newest = Newest };
            copy.Sql.Append(Sql);
            copy.Parameters.AddRange(Parameters.Select(p => p.Clone()));
            return copy;
        }
    }

    /// <summary>Null: nothing can be found by it.</summary>
    private static async Task<Filter?> FilterAsync(CurrentUser user, MessageQuery query, Sight sight, QueriedNames names, CancellationToken cancellationToken)
    {
        var servers = query.Server.Where(s => !s.Not).Select(s => s.Name).ToList();
        var allowed = servers.Count == 0 ? sight.Channels : [.. servers.SelectMany(s => QueriedNames.Servers(sight, s)).SelectMany(s => s.Channels).Distinct()];
        allowed = [.. allowed.Except(query.Server.Where(s => s.Not).SelectMany(s => QueriedNames.Servers(sight, s.Name)).SelectMany(s => s.Channels))];
        var filter = new Filter { Has = query.Has, HasNot = query.HasNot };
        filter.And("s.rights_channel_id = any({0})", allowed);
        if (query.In.Count > 0)
        {
            var places = await names.ChannelsAsync(sight, query.In.Select(i => i.Name), cancellationToken);
            if (query.In.Exists(i => !i.Not))
            {
                Guid[] wanted = [.. query.In.Where(i => !i.Not).SelectMany(i => places[i.Name])];
                if (wanted.Length == 0)
                {
                    return null;
                }

                filter.And("(s.channel_id = any({0}) or s.rights_channel_id = any({0}))", wanted);
            }

            Guid[] unwanted = [.. query.In.Where(i => i.Not).SelectMany(i => places[i.Name])];
            if (unwanted.Length > 0)
            {
                filter.And("not (s.channel_id = any({0}) or s.rights_channel_id = any({0}))", unwanted);
            }
        }

        if (query.From.Count + query.Mentions.Count > 0)
        {
            var people = await names.AuthorsAsync(user.AccountId, sight, query.From.Concat(query.Mentions).Select(n => n.Name), cancellationToken);
            if (!Who(query.From, "s.author_id = any({0})") || !Who(query.Mentions, "m.mentioned_accounts && {0}"))
            {
                return null;
            }

            bool Who(List<(string Name, bool Not)> asked, string condition)
            {
                if (asked.Exists(n => !n.Not))
                {
                    Guid[] wanted = [.. asked.Where(n => !n.Not).SelectMany(n => people[n.Name])];
                    if (wanted.Length == 0)
                    {
                        return false;
                    }

                    filter.And(condition, wanted);
                }

                Guid[] unwanted = [.. asked.Where(n => n.Not).SelectMany(n => people[n.Name])];
                if (unwanted.Length > 0)
                {
                    filter.And("not (" + condition + ")", unwanted);
                }

                return true;
            }
        }

        if (query.IsPinned is { } pinned)
        {
            filter.And("(m.pinned_at is not null) = {0}", pinned);
        }

        if (query.Before is { } before)
        {
            filter.And("s.created_at < {0}", before);
        }

        if (query.After is { } after)
        {
            filter.And("s.created_at >= {0}", after);
        }

        return allowed.Length == 0 ? null : filter;
    }

    /// <summary>
    /// A text of the database's query language, made of what the database itself made of the terms: each as it is and by the stems of every language, since nobody knows which
    /// language a word in a query is of. A language that drops words of a phrase would find others for it, so it does not count there. Null: no words; empty: words that no text can have.
    /// </summary>
    private static async Task<string?> WordsAsync(ChatSphereDb db, MessageQuery query, CancellationToken cancellationToken)
    {
        if (query.Terms.Count == 0)
        {
            return null;
        }

        var terms = query.Terms.Select(t => MessageIndex.Words(t.Text)).ToArray();
        string[] configurations = ["simple", .. MessageIndex.Configurations.Values];
        var variants = await db.Database.SqlQuery<Variants>($"""
            select t.n::int as "Term", array_agg(distinct x.q::text) as "Found" from unnest({terms}) with ordinality t(term, n) cross join unnest({configurations}) c(name)
            cross join lateral (select phraseto_tsquery(('pg_catalog.' || c.name)::regconfig, t.term) as q) x
            where numnode(x.q) > 0 and numnode(x.q) = numnode(phraseto_tsquery('pg_catalog.simple', t.term)) group by t.n
            """).ToListAsync(cancellationToken);
        var known = variants.ToDictionary(v => v.Term - 1, v => "(" + string.Join(" | ", v.Found.Select(f => $"({f})")) + ")");
        var parts = query.Terms.Select((t, i) => (t.Not, Text: known.GetValueOrDefault(i))).Where(p => p.Text is not null).Select(p => p.Not ? "!" + p.Text : p.Text!).ToList();
        return parts.Count > 0 ? string.Join(" & ", parts) : query.Terms.TrueForAll(t => t.Not) ? null : "";
    }

    private static async Task<List<Hit>> HitsAsync(ChatSphereDb db, Filter filter, string? words, bool best, Key? from, int take, TimeProvider time, CancellationToken cancellationToken)
    {
        if (words is "")
        {
            // Signs only: no text has them as words.
            return [];
        }

        var all = filter.Copy();
        if (words is not null)
        {
            all.And("s.words @@ {0}::tsquery", words);
        }

        if (filter.Has != 0)
        {
            all.And("(s.holds & {0}) = {0}", (short)filter.Has);
        }

        if (filter.HasNot != 0)
        {
            all.And("(s.holds & {0}) = 0", (short)filter.HasNot);
        }

        const string Tables = "communities.message_search s join communities.messages m on m.id = s.message_id join communities.channels c on c.id = s.channel_id and c.deleted_at is null and m.deleted_at is null";
        if (!best)
        {
            if (from is { } key)
            {
                all.And("(s.created_at, s.message_id) < ({0}, ", key.Time);
                all.Parameters.Add(new NpgsqlParameter<Guid> { ParameterName = $"p{all.Parameters.Count}", TypedValue = key.Id });
                all.Sql.Append(System.Globalization.CultureInfo.InvariantCulture, $"@p{all.Parameters.Count - 1})");
            }

            var newest = $"""select s.message_id as "Id", s.created_at as "CreatedAt", 0::real as "Rank", s.language as "Language" from {Tables} where true{all.Sql} order by s.created_at desc, s.message_id desc limit {take}""";
            return await db.Database.SqlQueryRaw<Hit>(newest, [.. all.Parameters]).ToListAsync(cancellationToken);
        }

        filter.Newest = from?.Newest ?? time.GetUtcNow();
        all.And("s.created_at <= {0}", filter.Newest);
        var ranked = new Filter();
        ranked.Parameters.AddRange(all.Parameters);
        ranked.Parameters.Add(new NpgsqlParameter<string> { ParameterName = $"p{ranked.Parameters.Count}", TypedValue = words! });
        var rank = $"ts_rank_cd(x.words, @p{ranked.Parameters.Count - 1}::tsquery, 1)";
        var after = "";
        if (from is { } last)
        {
            ranked.Parameters.Add(new NpgsqlParameter<float> { ParameterName = $"p{ranked.Parameters.Count}", TypedValue = last.Rank });
            ranked.Parameters.Add(new NpgsqlParameter<Guid> { ParameterName = $"p{ranked.Parameters.Count}", TypedValue = last.Id });
            after = $" where (r.rank, r.message_id) < (@p{ranked.Parameters.Count - 2}, @p{ranked.Parameters.Count - 1})";
        }

        var sql = $"""
            select r.message_id as "Id", r.created_at as "CreatedAt", r.rank as "Rank", r.language as "Language" from (
                select x.*, {rank} as rank from (select s.message_id, s.created_at, s.language, s.words from {Tables} where true{all.Sql} order by s.created_at desc, s.message_id desc limit {Ranked}) x) r{after}
            order by r.rank desc, r.message_id desc limit {take}
            """;
        return await db.Database.SqlQueryRaw<Hit>(sql, [.. ranked.Parameters]).ToListAsync(cancellationToken);
    }

    private static async Task<List<FoundChannelMessageResponse>> NameAsync(ChatSphereDb db, Sight sight, List<Hit> hits, string? words, CancellationToken cancellationToken)
    {
        if (hits.Count == 0)
        {
            return [];
        }

        var ids = hits.Select(h => h.Id).ToArray();
        var messages = await db.ChannelMessages.AsNoTracking().Where(m => ids.Contains(m.Id) && m.DeletedAt == null).ToDictionaryAsync(m => m.Id, cancellationToken);
        var headlines = new Dictionary<Guid, string>();
        if (words is not null)
        {
            var shown = hits.Where(h => messages.ContainsKey(h.Id)).ToList();
            var texts = shown.Select(h => MessageIndex.Words(Unmarked(MessageIndex.SearchedText(messages[h.Id])))).ToArray();
            var (languages, keys) = (shown.Select(h => "pg_catalog." + h.Language).ToArray(), shown.Select(h => h.Id).ToArray());
            var rows = await db.Database.SqlQuery<Headline>($"""
                select t.id as "Id", ts_headline(t.language::regconfig, t.text, {words}::tsquery, E'StartSel=\x02,StopSel=\x03,MaxFragments=2,MaxWords=32,MinWords=12,ShortWord=0,FragmentDelimiter=" … "') as "Text"
                from unnest({keys}, {languages}, {texts}) t(id, language, text)
                """).ToListAsync(cancellationToken);
            headlines = rows.ToDictionary(r => r.Id, r => r.Text);
        }

        return await NameAsync(db, sight, [.. hits.Where(h => messages.ContainsKey(h.Id)).Select(h => (messages[h.Id], headlines.TryGetValue(h.Id, out var text) ? Read(text) : (Beginning(messages[h.Id]), [])))], cancellationToken);
    }

    private static async Task<List<FoundChannelMessageResponse>> NameAsync(ChatSphereDb db, Sight sight, List<(ChannelMessage Message, (string Text, List<MatchRange> Matches) Excerpt)> found, CancellationToken cancellationToken)
    {
        var channelIds = found.Select(f => f.Message.ChannelId).Distinct().ToArray();
        var channels = await db.Channels.AsNoTracking().Where(c => channelIds.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancellationToken);
        var authors = new Dictionary<(Guid?, Guid), AuthorResponse>();
        foreach (var server in found.Where(f => f.Message.AuthorName is null).GroupBy(f => f.Message.ServerId))
        {
            foreach (var (id, author) in await ChannelMessageResponses.AuthorsAsync(db, server.Key, [.. server.Select(f => f.Message.AuthorId).Distinct()], cancellationToken))
            {
                authors[(server.Key, id)] = author;
            }
        }

        var servers = sight.Servers.ToDictionary(s => s.Id, s => s.Name);
        return [.. found.Where(f => channels.ContainsKey(f.Message.ChannelId)).Select(f =>
        {
            var (message, channel) = (f.Message, channels[f.Message.ChannelId]);
            var author = authors.GetValueOrDefault((message.ServerId, message.AuthorId)) ?? new AuthorResponse(message.AuthorId, (Contracts.Communities.AuthorKind)message.AuthorKind, message.AuthorName ?? "", null);
            return new FoundChannelMessageResponse(
                message.Id, channel.Id, message.Seq, message.ServerId, message.ServerId is { } serverId ? servers.GetValueOrDefault(serverId) : null, channel.Name, (Contracts.Communities.ChannelKind)channel.Kind, author,
                f.Excerpt.Text, f.Excerpt.Matches, message.CreatedAt, message.PinnedAt is not null);
        })];
    }

    /// <summary>No index knows what sealed texts say: they are opened one by one, newest first, as long as it is bearable, and the answer says how far that went.</summary>
    private static async Task<FoundChannelMessagesResponse> ReadThroughAsync(
        ChatSphereDb db, MessageQuery query, Filter filter, Sight sight, Key? from, int take, TimeProvider time, CancellationToken cancellationToken)
    {
        var words = query.Terms.Count == 0 ? null : MessageWords.Parse(string.Join(' ', query.Terms.Select(t => $"{(t.Not ? "-" : "")}\"{t.Text}\"")));
        if (words is { IsEmpty: true })
        {
            return new([], null);
        }

        var (found, started, read, before) = (new List<(ChannelMessage, (string, List<MatchRange>))>(), time.GetTimestamp(), 0, from is null ? null : ((DateTimeOffset Time, Guid Id)?)(from.Time, from.Id));
        var whole = false;
        while (found.Count < take && read < MostRead && (read == 0 || time.GetElapsedTime(started) < Patience))
        {
            var batchFilter = filter.Copy();
            if (before is { } key)
            {
                batchFilter.And("s.id < {0}", key.Id);
            }

            // By id, which begins with the time: the primary key is read backwards.
            var sql = $"""
                select m.* from communities.messages m
                join lateral (select m.id, m.author_id, m.channel_id, m.created_at, case when c.kind = 'Thread' then c.parent_id else c.id end as rights_channel_id
                    from communities.channels c where c.id = m.channel_id and c.deleted_at is null and not c.is_encrypted) s on true
                where m.deleted_at is null and m.kind = 'Text'{batchFilter.Sql} order by m.id desc limit {Batch}
                """;
            var batch = await db.ChannelMessages.FromSqlRaw(sql, [.. batchFilter.Parameters]).AsNoTracking().ToListAsync(cancellationToken);
            foreach (var message in batch.OrderByDescending(m => m.Id).TakeWhile(_ => found.Count < take))
            {
                (read, before) = (read + 1, (message.CreatedAt, message.Id));
                var holds = MessageIndex.HoldsOf(message);
                if ((holds & filter.Has) != filter.Has || (holds & filter.HasNot) != 0)
                {
                    continue;
                }

                if (words is null)
                {
                    found.Add((message, (Beginning(message), [])));
                }
                else if (words.Find(message.Content) is { } matches)
                {
                    var (excerpt, at) = MessageWords.Excerpt(message.Content, matches);
                    found.Add((message, (excerpt, [.. at.Select(r => new MatchRange(r.Start.Value, r.End.Value))])));
                }
            }

            if (batch.Count < Batch && (batch.Count == 0 || found.Count < take))
            {
                whole = true;
                break;
            }
        }

        return new(await NameAsync(db, sight, found, cancellationToken), whole || before is null ? null : Of(new Key(before.Value.Time, before.Value.Id, default, 0))) { SearchedBackTo = whole ? null : before?.Time };
    }

    private static string Beginning(ChannelMessage message) => message.Content.Length <= 240 ? message.Content : message.Content[..(char.IsHighSurrogate(message.Content[239]) ? 239 : 240)] + " …";

    private static string Unmarked(string text) => text.Replace('\u0002', ' ').Replace('\u0003', ' ');

    private static (string Excerpt, List<MatchRange> Matches) Read(string marked)
    {
        var (text, matches, start) = (new StringBuilder(marked.Length), new List<MatchRange>(), -1);
        foreach (var c in marked)
        {
            switch (c)
            {
                case '\u0002':
                    start = text.Length;
                    break;
                case '\u0003' when start >= 0:
                    // Neighbours in a script without spaces are one.
                    if (matches.Count > 0 && matches[^1].End == start)
                    {
                        matches[^1] = new MatchRange(matches[^1].Start, text.Length);
                    }
                    else
                    {
                        matches.Add(new MatchRange(start, text.Length));
                    }

                    start = -1;
                    break;
                case MessageIndex.Cut:
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        return (text.ToString(), matches);
    }

    private static string Of(Key key)
    {
        Span<byte> bytes = stackalloc byte[36];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key.Time.UtcTicks);
        key.Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[24..], key.Newest.UtcTicks);
        BinaryPrimitives.WriteSingleBigEndian(bytes[32..], key.Rank);
        return Base64Url.EncodeToString(bytes);
    }

    private static bool TryRead(string? cursor, out Key? key)
    {
        key = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[36];
        if (cursor.Length > 64 || !Base64Url.IsValid(cursor, out var length) || length != bytes.Length || !Base64Url.TryDecodeFromChars(cursor, bytes, out _)
            || BinaryPrimitives.ReadInt64BigEndian(bytes) is var time && (time < 0 || time > DateTimeOffset.MaxValue.UtcTicks)
            || BinaryPrimitives.ReadInt64BigEndian(bytes[24..]) is var newest && (newest < 0 || newest > DateTimeOffset.MaxValue.UtcTicks))
        {
            return false;
        }

        key = new Key(new DateTimeOffset(time, TimeSpan.Zero), new Guid(bytes[8..24], bigEndian: true), new DateTimeOffset(newest, TimeSpan.Zero), BinaryPrimitives.ReadSingleBigEndian(bytes[32..]));
        return true;
    }
}
