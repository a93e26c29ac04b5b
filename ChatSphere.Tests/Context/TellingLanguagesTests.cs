using ChatSphere.AI.Language;

namespace ChatSphere.Tests.Context;

/// <summary>Sentences that stand in no profile.</summary>
public sealed class TellingLanguagesTests
{
    [Theory]
    [InlineData("en", "The quarterly report shows that our customers prefer shorter delivery times over lower prices.")]
    [InlineData("de", "Der Quartalsbericht zeigt, dass unsere Kunden kürzere Lieferzeiten niedrigeren Preisen vorziehen.")]
    [InlineData("fr", "Le rapport trimestriel montre que nos clients préfèrent des délais de livraison plus courts à des prix plus bas.")]
    [InlineData("es", "El informe trimestral muestra que nuestros clientes prefieren plazos de entrega más cortos a precios más bajos.")]
    [InlineData("pt", "O relatório trimestral mostra que os nossos clientes preferem prazos de entrega mais curtos a preços mais baixos.")]
    [InlineData("it", "Il rapporto trimestrale mostra che i nostri clienti preferiscono tempi di consegna più brevi a prezzi più bassi.")]
    [InlineData("nl", "Uit het kwartaalverslag blijkt dat onze klanten kortere levertijden verkiezen boven lagere prijzen.")]
    [InlineData("sv", "Kvartalsrapporten visar att våra kunder föredrar kortare leveranstider framför lägre priser.")]
    [InlineData("da", "Kvartalsrapporten viser, at vores kunder foretrækker kortere leveringstider frem for lavere priser, og det er nyt.")]
    [InlineData("fi", "Neljännesvuosiraportti osoittaa, että asiakkaamme arvostavat lyhyempiä toimitusaikoja enemmän kuin alempia hintoja.")]
    [InlineData("pl", "Raport kwartalny pokazuje, że nasi klienci wolą krótsze terminy dostaw niż niższe ceny.")]
    [InlineData("cs", "Čtvrtletní zpráva ukazuje, že naši zákazníci dávají přednost kratším dodacím lhůtám před nižšími cenami.")]
    [InlineData("hu", "A negyedéves jelentés azt mutatja, hogy ügyfeleink a rövidebb szállítási időt részesítik előnyben az alacsonyabb árakkal szemben.")]
    [InlineData("ro", "Raportul trimestrial arată că clienții noștri preferă termene de livrare mai scurte în locul unor prețuri mai mici.")]
    [InlineData("tr", "Üç aylık rapor, müşterilerimizin daha düşük fiyatlar yerine daha kısa teslimat sürelerini tercih ettiğini gösteriyor.")]
    [InlineData("id", "Laporan triwulan menunjukkan bahwa pelanggan kami lebih memilih waktu pengiriman yang lebih singkat daripada harga yang lebih murah.")]
    [InlineData("vi", "Báo cáo quý cho thấy khách hàng của chúng tôi thích thời gian giao hàng ngắn hơn là giá thấp hơn.")]
    [InlineData("et", "Kvartaliaruanne näitab, et meie kliendid eelistavad lühemaid tarneaegu madalamatele hindadele.")]
    [InlineData("lv", "Ceturkšņa pārskats liecina, ka mūsu klienti dod priekšroku īsākiem piegādes termiņiem, nevis zemākām cenām.")]
    [InlineData("lt", "Ketvirčio ataskaita rodo, kad mūsų klientai labiau vertina trumpesnį pristatymo laiką nei mažesnes kainas.")]
    [InlineData("ru", "Квартальный отчёт показывает, что наши клиенты предпочитают более короткие сроки доставки более низким ценам.")]
    [InlineData("uk", "Квартальний звіт показує, що наші клієнти віддають перевагу коротшим термінам доставки, а не нижчим цінам.")]
    [InlineData("bg", "Тримесечният отчет показва, че нашите клиенти предпочитат по-кратки срокове за доставка пред по-ниски цени.")]
    [InlineData("el", "Η τριμηνιαία έκθεση δείχνει ότι οι πελάτες μας προτιμούν μικρότερους χρόνους παράδοσης.")]
    [InlineData("he", "הדוח הרבעוני מראה שהלקוחות שלנו מעדיפים זמני אספקה קצרים יותר.")]
    [InlineData("ar", "يظهر التقرير الفصلي أن عملاءنا يفضلون مواعيد تسليم أقصر على أسعار أقل.")]
    [InlineData("fa", "گزارش فصلی نشان می‌دهد که مشتریان ما زمان تحویل کوتاه‌تر را به قیمت پایین‌تر ترجیح می‌دهند.")]
    [InlineData("zh", "季度报告显示，我们的客户更喜欢较短的交货时间，而不是较低的价格。")]
    [InlineData("ja", "四半期報告書によると、お客様は低価格よりも短い納期を好みます。")]
    [InlineData("ko", "분기 보고서에 따르면 고객들은 낮은 가격보다 짧은 배송 시간을 선호합니다.")]
    [InlineData("th", "รายงานรายไตรมาสแสดงให้เห็นว่าลูกค้าของเราชอบระยะเวลาจัดส่งที่สั้นกว่า")]
    [InlineData("hi", "तिमाही रिपोर्ट से पता चलता है कि हमारे ग्राहक कम कीमतों की तुलना में कम डिलीवरी समय पसंद करते हैं।")]
    public void A_sentence_is_told(string language, string sentence)
    {
        var found = LanguageDetector.Detect(sentence);
        Assert.True(found.Language == language, $"{found.Language} ({found.Confidence}), candidates {string.Join(", ", found.Candidates)}");
        Assert.NotNull(found.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345 :-)")]
    [InlineData("xq7 zzkx wqpf jjx vvq")]
    public void What_is_no_language_is_none(string text) => Assert.Null(LanguageDetector.Detect(text).Language);

    [Fact]
    public void More_than_twenty_are_known_and_all_have_names() => Assert.All(LanguageDetector.Known, l => Assert.False(string.IsNullOrEmpty(LanguageDetector.NameOf(l)), l));

    [Fact]
    public void Very_long_text_costs_no_more_than_its_beginning() => Assert.Equal("en", LanguageDetector.Detect(string.Concat(Enumerable.Repeat("The children went home after school. ", 100_000))).Language);

    [Theory]
    [InlineData("This is great, thanks a lot!", "positive")]
    [InlineData("This is not good at all, and support was slow.", "negative")]
    [InlineData("Das ist toll, danke!", "positive")]
    [InlineData("Der Service war schrecklich und langsam.", "negative")]
    [InlineData("The parcel arrived on Tuesday.", "neutral")]
    [InlineData("Great colours, but the handle is broken.", "mixed")]
    public void A_mood_is_counted_by_words(string text, string mood) => Assert.Equal(mood, SentimentLexicon.Of(text).Sentiment);
}
