using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace ChatSphere.Web.Text;

/// <summary>A light touch of colour for code of any language: comments, strings, numbers, common keywords. Not a parser; wrong guesses are only colours.</summary>
internal static partial class CodeColours
{
    private static readonly HashSet<string> Keywords =
    [
        "abstract", "and", "as", "async", "await", "bool", "break", "case", "catch", "class", "const", "continue", "def", "default", "defer", "delete", "do", "done",
        "echo", "elif", "else", "end", "enum", "esac", "except", "export", "extends", "false", "fi", "finally", "float", "fn", "for", "foreach", "from", "func",
        "function", "if", "impl", "implements", "import", "in", "int", "interface", "internal", "is", "lambda", "let", "long", "match", "mod", "mut", "namespace",
        "new", "nil", "None", "not", "null", "or", "out", "override", "package", "pass", "private", "protected", "pub", "public", "raise", "readonly", "record", "return",
        "sealed", "self", "static", "string", "struct", "super", "switch", "then", "this", "throw", "trait", "true", "True", "False", "try", "type", "typeof", "use",
        "using", "var", "virtual", "void", "where", "while", "with", "yield",
        "select", "from", "insert", "into", "update", "set", "values", "join", "on", "group", "order", "by", "having", "limit", "create", "table", "alter", "drop",
        "SELECT", "FROM", "WHERE", "INSERT", "INTO", "UPDATE", "SET", "VALUES", "JOIN", "ON", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "CREATE", "TABLE", "ALTER",
        "DROP", "AND", "OR", "NOT", "NULL", "AS", "DELETE",
    ];

    public static string Html(string code, string language)
    {
        if (code.Length > 20_000 || language is "" or "text" or "txt" or "plain" or "markdown" or "md")
        {
            return WebUtility.HtmlEncode(code);
        }

        var html = new StringBuilder(code.Length * 2);
        var at = 0;
        foreach (Match match in Token().Matches(code))
        {
            var kind = match.Groups["c"].Success && HashComments(language, match.Value) ? "c"
                : match.Groups["s"].Success ? "s"
                : match.Groups["n"].Success ? "n"
                : match.Groups["w"].Success && Keywords.Contains(match.Value) ? "k" : null;
            if (kind is null)
            {
                continue;
            }

            html.Append(WebUtility.HtmlEncode(code[at..match.Index]));
            html.Append("<span class=\"tk-").Append(kind).Append("\">").Append(WebUtility.HtmlEncode(match.Value)).Append("</span>");
            at = match.Index + match.Length;
        }

        return html.Append(WebUtility.HtmlEncode(code[at..])).ToString();
    }

    // "#" starts a comment in shells and scripts and something else in C#, C and CSS; "--" in SQL and Lua only.
    private static bool HashComments(string language, string comment) => comment[0] switch
    {
        '#' => language is "bash" or "sh" or "shell" or "zsh" or "python" or "py" or "ruby" or "rb" or "yaml" or "yml" or "toml" or "ini" or "perl" or "r" or "dockerfile" or "make" or "powershell" or "ps1",
        '-' => language is "sql" or "lua" or "haskell" or "ada",
        _ => true,
    };

    [GeneratedRegex(
        """(?<c>//[^\n]*|/\*[\s\S]*?(?:\*/|$)|#[^\n]*|--[^\n]*)|(?<s>"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(?<w>[A-Za-z_]\w*)|(?<n>\b\d[\w.]*)""",
        RegexOptions.None, matchTimeoutMilliseconds: 200)]
    private static partial Regex Token();
}
