using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ChatSphere.Contracts;
using ChatSphere.Contracts.People;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.People;

/// <summary>Pictures on their way in and out: what is served is what draws the picture and nothing that came with it.</summary>
public sealed class ShowingAPictureTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_picture_is_served_rewritten_under_headers_that_make_it_nothing_but_a_picture()
    {
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var put = await (await PutAsync(ann, Pictures.Png())).ReadAsync<AvatarResponse>();
        Assert.Equal(("image/png", 8, 8), (put.ContentType, put.Width, put.Height));
        Assert.Equal(put.Avatar, (await bob.GetAsync<PersonResponse>($"/v1/people/{ann.Account.Id}")).Avatar);
        using var served = await bob.GetAsync($"/v1/people/{ann.Account.Id}/avatar?v={put.Avatar}");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal("image/png", served.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", served.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("sandbox; default-src 'none'", served.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("private", served.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        Assert.Equal($"inline; filename=\"avatar-{put.Avatar}.png\"", served.Content.Headers.ContentDisposition?.ToString());

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/avatar")).StatusCode);
        await bob.GetAsync($"/v1/people/{ann.Account.Id}/avatar").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Null((await ann.GetAsync<ProfileResponse>("/v1/accounts/me/profile")).Avatar);
    }

    [Fact]
    public async Task What_hides_in_a_picture_is_gone()
    {
        var ann = await app.SomebodyAsync();
        const string secret = "57.0488N 9.9217E <script>alert(1)</script>";
        var hidden = Encoding.UTF8.GetBytes(secret);
        byte[] behind = [.. hidden, .. "PK\u0003\u0004"u8];
        byte[][] pictures =
        [
            [.. Pictures.Png(more: [("tEXt", hidden), ("eXIf", hidden), ("zTXt", hidden), ("iTXt", hidden), ("prVt", hidden), ("iCCP", hidden)]), .. behind],
            Pictures.Png(3, 5, colour: 3, depth: 1, more: [("tRNS", [1, 2]), ("tEXt", hidden)]),
            Pictures.Png(13, 9, colour: 2, depth: 16, interlaced: true, more: [("tEXt", hidden)]),
            [.. Pictures.Jpeg(16, 16, (0xE1, [.. Pictures.Exif(6), .. hidden]), (0xFE, hidden), (0xE2, hidden), (0xED, hidden), (0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. hidden])), .. behind],
            [.. Pictures.Webp(16, 16, ("EXIF", hidden), ("XMP ", hidden), ("ICCP", hidden), ("ABCD", hidden)), .. behind],
        ];
        foreach (var picture in pictures)
        {
            var put = await (await PutAsync(ann, picture)).ReadAsync<AvatarResponse>();
            using var response = await ann.GetAsync($"/v1/people/{ann.Account.Id}/avatar?v={put.Avatar}");
            var served = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(-1, served.AsSpan().IndexOf("57.0488N"u8));
            Assert.Equal(-1, served.AsSpan().IndexOf("GPSLatitude"u8));
            Assert.Equal(-1, served.AsSpan().IndexOf("PK\u0003\u0004"u8));
            Assert.True(served.AsSpan().EndsWith(put.ContentType switch { "image/png" => [0xAE, 0x42, 0x60, 0x82], "image/jpeg" => (byte[])[0xFF, 0xD9], _ => [3, 0] }));

            // Which way is up is kept: without it pictures of phones lie on their side.
            Assert.Equal(put.ContentType == "image/jpeg", served.AsSpan().IndexOf("Exif\0\0MM"u8) >= 0);

            // Read again, it is the same: nothing is left to take away.
            var again = await (await PutAsync(ann, served)).ReadAsync<AvatarResponse>();
            Assert.Equal(put.Avatar, again.Avatar);
        }
    }

    [Fact]
    public async Task What_is_no_picture_or_no_good_one_is_refused()
    {
        var ann = await app.SomebodyAsync();
        var png = Pictures.Png();
        var badCrc = (byte[])png.Clone();
        badCrc[40] ^= 1;
        Dictionary<string, byte[]> refused = new()
        {
            ["nothing"] = [],
            ["a page"] = "<!doctype html><script>alert(1)</script>"u8.ToArray(),
            ["SVG"] = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8.ToArray(),
            ["GIF"] = "GIF89a\u0001\u0000\u0001\u0000"u8.ToArray(),
            ["ELF"] = [0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 2, 3],
            ["a signature alone"] = png[..8],
            ["cut off"] = png[..^20],
            ["a wrong checksum"] = badCrc,
            ["animated PNG"] = Pictures.Png(more: [("acTL", new byte[8])]),
            ["an unknown critical chunk"] = Pictures.Png(more: [("ABCD", [1])]),
            ["50,000 pixels square"] = Pictures.Png(says: (50_000, 50_000)),
            ["negative size"] = Pictures.Png(says: (-1, 8)),
            ["no pixels wide"] = Pictures.Png(says: (0, 8)),
            ["too many pixels inside"] = Pictures.Png(pixels: new byte[1_000_000]),
            ["too few pixels inside"] = Pictures.Png(says: (9, 9)),
            ["a bomb"] = Pictures.Png(says: (4096, 4096), pixels: new byte[70_000_000]),
            ["a filter that does not exist"] = Pictures.Png(pixels: [.. Enumerable.Repeat((byte)9, 8 * 33)]),
            ["a palette that is missing"] = Pictures.Png(colour: 0, more: [("PLTE", [1, 2, 3])]),
            ["a JPEG that ends in the scan"] = Pictures.Jpeg()[..^2],
            ["a huge JPEG"] = Pictures.Jpeg(60_000, 60_000),
            ["a JPEG of two frames"] = Pictures.Jpeg(16, 16, (0xC0, [8, 0, 16, 0, 16, 1, 1, 0x11, 0])),
            ["an arithmetic JPEG"] = Pictures.Jpeg(16, 16, (0xC9, [8, 0, 16, 0, 16, 1, 1, 0x11, 0])),
            ["a JPEG of nothing"] = [0xFF, 0xD8, 0xFF, 0xD9],
            ["an animated WebP"] = Pictures.Webp(16, 16, ("ANIM", new byte[6])),
            ["a WebP that says it is animated"] = Pictures.Webp(16, 16, ("VP8X", [2, 0, 0, 0, 15, 0, 0, 15, 0, 0])),
            ["a WebP of two sizes"] = Pictures.Webp(16, 16, ("VP8X", [0, 0, 0, 0, 99, 0, 0, 99, 0, 0])),
            ["a WebP that lies about its length"] = [.. "RIFF"u8, 0xFF, 0xFF, 0xFF, 0x7F, .. "WEBPVP8 "u8, 1, 0, 0, 0, 0],
        };
        foreach (var (what, bytes) in refused)
        {
            using var response = await PutAsync(ann, bytes);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{what}: {(int)response.StatusCode}");
            Assert.Contains(ErrorCodes.AvatarInvalid, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await PutAsync(ann, [.. Pictures.Png(), .. new byte[2 * 1024 * 1024]]).RefusedAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.RequestTooLarge);
        Assert.Null((await ann.GetAsync<ProfileResponse>("/v1/accounts/me/profile")).Avatar);
    }

    [Fact]
    public async Task Broken_pictures_never_break_the_reader()
    {
        var ann = await app.SomebodyAsync();
        var random = new Random(7);
        byte[][] good = [Pictures.Png(9, 9, interlaced: true), Pictures.Jpeg(16, 16, (0xE1, Pictures.Exif(3))), Pictures.Webp(16, 16, ("ALPH", [0, 1, 2, 3]))];
        await Parallel.ForEachAsync(Enumerable.Range(0, 240), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) =>
        {
            byte[] bytes;
            lock (random)
            {
                bytes = [.. good[i % 3].Take(i % 4 == 0 ? random.Next(good[i % 3].Length) : int.MaxValue)];
                for (var n = random.Next(4); n >= 0 && bytes.Length > 0; n--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }
            }

            using var response = await PutAsync(ann, bytes);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{(int)response.StatusCode} for {Convert.ToHexString(bytes)}");
        });
    }

    private static Task<HttpResponseMessage> PutAsync(Person person, byte[] bytes) =>
        person.SendAsync(HttpMethod.Put, "/v1/accounts/me/avatar", new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } });
}
