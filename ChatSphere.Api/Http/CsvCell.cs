using System.Buffers;

namespace ChatSphere.Api.Http;

internal static class CsvCell
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n;\t'");

    /// <summary>RFC 4180. A spreadsheet takes what begins with one of these for a formula; an apostrophe before it makes it text.</summary>
    public static string Of(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        if (value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' || (value[0] == ' ' && value.TrimStart() is ['=' or '+' or '-' or '@', ..]))
        {
            value = "'" + value;
        }

        return value.AsSpan().IndexOfAny(NeedQuotes) < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
