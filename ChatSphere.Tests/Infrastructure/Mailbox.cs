using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>A mail as it arrived.</summary>
public sealed partial record Mail(string To, string Subject, string Text, string Html, string Raw)
{
    /// <summary>The token in its link.</summary>
    public string Token => TokenInLink().Match(Text) is { Success: true } found ? found.Groups[1].Value : throw new InvalidOperationException($"There is no link in: {Text}");

    public static Mail Parse(string raw)
    {
        var (head, body) = Cut(raw);
        var boundary = Boundary().Match(head) is { Success: true } b ? b.Groups[1].Value : throw new InvalidOperationException($"Not multipart: {head}");
        var parts = body.Split("--" + boundary).Select(p => p.TrimStart('-').TrimStart()).Where(p => p.Contains("Content-Type", StringComparison.OrdinalIgnoreCase)).Select(Decode).ToList();
        return new Mail(Header(head, "To"), Header(head, "Subject"), parts[0], parts[1], raw);
    }

    private static string Decode(string part)
    {
        var (head, body) = Cut(part);
        if (!head.Contains("quoted-printable", StringComparison.OrdinalIgnoreCase))
        {
            return body;
        }

        var bytes = new List<byte>();
        var text = body.Replace("=\r\n", "", StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static (string Head, string Body) Cut(string text)
    {
        var at = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (text[..at], text[(at + 4)..]);
    }

    private static string Header(string head, string name) => Regex.Match(head, $"(?im)^{name}: (.*?)\r?$").Groups[1].Value.Trim();

    [GeneratedRegex("[?&]token=([A-Za-z0-9_-]+)")]
    private static partial Regex TokenInLink();

    [GeneratedRegex("boundary=\"?([^\"\r\n]+)\"?")]
    private static partial Regex Boundary();
}

/// <summary>The folder that takes the mails of a deployment without a mail server.</summary>
internal static class Mailbox
{
    /// <summary>Waits for a mail of the kind to the address.</summary>
    public static async Task<Mail> MailAsync(this ChatSphereApp app, string kind, string to, int count = 1)
    {
        var mails = await Person.EventuallyAsync(() => Task.FromResult(app.Mails(kind, to)), m => m.Count >= count, seconds: 60);
        return mails[^1];
    }

    /// <summary>What is there now, oldest first.</summary>
    public static IReadOnlyList<Mail> Mails(this ChatSphereApp app, string kind, string to) =>
        [.. Directory.EnumerateFiles(app.MailFolder, $"*-{kind}-*.eml").Order(StringComparer.Ordinal).Select(f => Mail.Parse(File.ReadAllText(f, Encoding.Latin1))).Where(m => m.To.Contains(to, StringComparison.OrdinalIgnoreCase))];
}
