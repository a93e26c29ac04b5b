using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;

namespace ChatSphere.Tests.Chat;

public sealed class AnsweringWithoutLanguageModelTests
{
    private const string Policy = """
        # Configuration files

        Packages may contain configuration files. A conffile is a file that the administrator may change, and dpkg keeps those changes during an upgrade.
        The list of conffiles is kept in the file DEBIAN/conffiles. Other files are replaced.
        """;

    private const string Kernel = "The kernel is built from source. Modules are loaded at boot time. See [3] for details of initramfs.";

    private static async Task<string> AnswerAsync(AnswerRequest request)
    {
        var events = await new Answering(connected: false).WriteAsync(request);
        Assert.Equal(new AnswerFinished("extractive", 0, 0, Estimated: false, "stop"), events[^1]);
        Assert.DoesNotContain(events, e => e is AnswerSwitched);
        return events.Text();
    }

    [Fact]
    public async Task The_best_sentences_are_quoted_word_for_word_with_citations()
    {
        var request = Answering.Ask("What does dpkg do with conffiles during an upgrade?", Kernel, Policy);

        var answer = await AnswerAsync(request);

        Assert.StartsWith("No language model is connected.", answer, StringComparison.Ordinal);
        Assert.Contains("A conffile is a file that the administrator may change, and dpkg keeps those changes during an upgrade.", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("kernel", answer, StringComparison.Ordinal);
        var citation = Assert.Single(CitationResolver.Resolve(answer, request.Passages));
        Assert.Equal(2, citation.Number);
        Assert.StartsWith("A conffile is a file", citation.Quote, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_word_apart_from_the_note_is_the_documents()
    {
        var request = Answering.Ask("Which files does an upgrade replace and which are kept?", Policy, Kernel);

        var paragraphs = (await AnswerAsync(request)).Split("\n\n")[1..];

        foreach (var piece in paragraphs.SelectMany(p => p.Split(" [1]", StringSplitOptions.RemoveEmptyEntries)))
        {
            Assert.Contains(piece.Trim(), Policy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("How do I bake chocolate bread?")]
    [InlineData("Wie wird das Wetter morgen?")]
    [InlineData("今天天气怎么样？")]
    [InlineData("???")]
    public async Task When_nothing_fits_it_says_so_and_cites_nothing(string question)
    {
        var answer = await AnswerAsync(Answering.Ask(question, Policy, Kernel));

        Assert.Equal("No language model is connected, and nothing relevant to the question was found in the documents.", answer);
    }

    [Fact]
    public async Task Without_any_passage_it_says_so() =>
        Assert.EndsWith("nothing relevant to the question was found in the documents.", await AnswerAsync(Answering.Ask("How hot is the kettle?")), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "Wie oft muss der Filter gewechselt werden?", "Die Pumpe läuft leise. Den Filter wechseln Sie alle sechs Monate. Der Behälter fasst 5 l.", "Den Filter wechseln Sie alle sechs Monate.")]
    [InlineData("Quelle est la température maximale ?", "L'appareil pèse 3 kg. La température maximale est de 80 degrés. Il est bleu.", "La température maximale est de 80 degrés.")]
    [InlineData("如何重置密码？", "设备有三个按钮。按住红色按钮五秒钟可以重置密码。灯会闪烁。", "按住红色按钮五秒钟可以重置密码。")]
    [InlineData("パスワードを変更する方法は？", "この装置は小型です。パスワードを変更するには設定を開きます。色は青です。", "パスワードを変更するには設定を開きます。")]
    [InlineData("비밀번호를 어떻게 변경하나요?", "장치는 작습니다. 비밀번호를 변경하려면 설정을 여십시오. 색은 파란색입니다.", "비밀번호를 변경하려면 설정을 여십시오.")]
    [InlineData("Как изменить пароль?", "Устройство синее. Чтобы изменить пароль, откройте настройки. Вес три килограмма.", "Чтобы изменить пароль, откройте настройки.")]
    [InlineData("كيف أغير كلمة المرور؟", "الجهاز صغير. لتغيير كلمة المرور افتح الإعدادات. اللون أزرق.", "لتغيير كلمة المرور افتح الإعدادات.")]
    public async Task It_works_in_any_language(string question, string passage, string expected)
    {
        var request = Answering.Ask(question, passage);

        var answer = await AnswerAsync(request);

        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Single(CitationResolver.Resolve(answer, request.Passages)).Quote, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bracketed_number_of_the_document_does_not_pass_for_a_citation()
    {
        var answer = await AnswerAsync(Answering.Ask("Where are the details of initramfs?", Kernel, "Nothing about it.", "Nothing either."));

        Assert.Contains(@"See \[3] for details of initramfs. [1]", answer, StringComparison.Ordinal);
        Assert.Equal([1], CitationMarkers.Find(answer).SelectMany(m => m.Numbers).Distinct());
    }

    [Fact]
    public async Task The_same_sentence_in_two_passages_is_quoted_once()
    {
        var answer = await AnswerAsync(Answering.Ask("How hot is the kettle?", "The kettle is heated to 96 degrees. It whistles.", "It is red. The kettle is heated to 96 degrees."));

        Assert.Equal(answer.IndexOf("96 degrees", StringComparison.Ordinal), answer.LastIndexOf("96 degrees", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_most_five_sentences_are_quoted()
    {
        var passage = string.Join(' ', Enumerable.Range(1, 40).Select(i => $"The kettle model {i} is hot."));

        var answer = await AnswerAsync(Answering.Ask("Is the kettle hot?", passage));

        Assert.InRange(answer.Split("The kettle model").Length - 1, 2, 5);
    }

    [Fact]
    public async Task It_arrives_piece_by_piece()
    {
        var events = await new Answering(connected: false).WriteAsync(Answering.Ask("What is a conffile?", Policy));

        Assert.True(events.Count > 10);
        Assert.All(events.OfType<AnswerDelta>(), d => Assert.InRange(d.Text.Length, 1, 26));
    }

    [Fact]
    public async Task A_bot_that_names_a_model_nobody_serves_is_answered_from_the_passages()
    {
        var events = await new Answering(o => o.Fallback = [], connected: false).WriteAsync(Answering.Ask("What is a conffile?", Policy) with { Model = "gone" });

        Assert.Equal(new AnswerSwitched("gone", "extractive", "provider_unavailable"), events[0]);
        Assert.StartsWith("No language model is connected.", events.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bot_that_chose_it_never_sends_anything_to_a_language_model()
    {
        var app = new Answering();

        var events = await app.WriteAsync(Answering.Ask("What is a conffile?", Policy) with { Model = "extractive" });

        Assert.StartsWith("This bot answers without a language model.", events.Text(), StringComparison.Ordinal);
        Assert.Empty(app.First.Calls);
        Assert.Empty(app.Second.Calls);
    }
}
