using System.Text.RegularExpressions;

namespace ChatSphere.AI.Language;

/// <summary>
/// A mood counted by words, for when no language model is connected: a short list for English, German, French, Spanish and Swedish, turned around behind a "not". It knows no irony, no
/// context and no word that is not on the list.
/// </summary>
public static partial class SentimentLexicon
{
    private const int Reach = 3;

    private static readonly HashSet<string> Good = Words(
        "good great excellent amazing awesome wonderful love loved loves like liked happy glad pleased perfect best better nice helpful thanks thank thankful easy fast brilliant fantastic enjoy enjoyed recommend solved works " +
        "gut super toll großartig prima perfekt liebe lieben mag freue froh zufrieden schön beste besser hilfreich danke einfach schnell klasse wunderbar empfehle gelöst funktioniert " +
        "bon bonne bien super excellent parfait génial magnifique aime adore heureux heureuse content contente merci facile rapide utile recommande " +
        "bueno buena bien excelente perfecto genial maravilloso encanta gusta feliz contento contenta gracias fácil rápido útil recomiendo mejor " +
        "bra jättebra utmärkt perfekt underbar älskar gillar glad nöjd tack enkel snabb hjälpsam bäst bättre rekommenderar");

    private static readonly HashSet<string> Bad = Words(
        "bad terrible awful horrible hate hated hates angry sad disappointed disappointing worst worse useless broken bug bugs error fails failed failing slow annoying difficult problem problems wrong poor never refund waste crash crashes " +
        "schlecht schrecklich furchtbar hasse wütend traurig enttäuscht enttäuschend schlimm schlimmer nutzlos kaputt fehler langsam nervig schwierig problem probleme falsch mangelhaft ärgerlich verschwendung " +
        "mauvais mauvaise terrible horrible déteste triste déçu déçue nul nulle inutile cassé erreur lent lente énervant difficile problème problèmes faux pire " +
        "malo mala terrible horrible odio triste decepcionado decepcionada inútil roto error lento lenta molesto difícil problema problemas peor falso " +
        "dålig dåligt hemsk fruktansvärd hatar arg ledsen besviken värst värre värdelös trasig fel långsam irriterande svårt problem");

    private static readonly HashSet<string> Turning = Words("not no never don't doesn't didn't isn't wasn't can't won't nicht kein keine nie pas ne jamais no nunca inte aldrig ingen without ohne sans sin utan");

    /// <summary>−1 to 1; null when no word of the text is on the list.</summary>
    public static (string Sentiment, double Score) Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = Word().Matches(text.ToLowerInvariant().Replace('’', '\'')).Select(m => m.Value).ToList();
        var (good, bad) = (0, 0);
        for (var i = 0; i < words.Count; i++)
        {
            var sign = Good.Contains(words[i]) ? 1 : Bad.Contains(words[i]) ? -1 : 0;
            if (sign != 0 && words.Skip(Math.Max(0, i - Reach)).Take(Math.Min(i, Reach)).Any(Turning.Contains))
            {
                sign = -sign;
            }

            good += sign > 0 ? 1 : 0;
            bad += sign < 0 ? 1 : 0;
        }

        if (good + bad == 0)
        {
            return ("neutral", 0);
        }

        var score = Math.Round((double)(good - bad) / (good + bad), 2);
        return (score >= 0.34 ? "positive" : score <= -0.34 ? "negative" : good > 0 && bad > 0 ? "mixed" : "neutral", score);
    }

    private static HashSet<string> Words(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"[\p{L}][\p{L}']*")]
    private static partial Regex Word();
}
