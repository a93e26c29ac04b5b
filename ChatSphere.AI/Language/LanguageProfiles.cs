namespace ChatSphere.AI.Language;

/// <summary>
/// What each language is known by: the first article of the Universal Declaration of Human Rights, which is free for everybody in all of them, and the words that occur most. Short
/// on purpose; where a script is used by one language only, none is needed.
/// </summary>
internal static class LanguageProfiles
{
    public static readonly IReadOnlyDictionary<string, string> Texts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["en"] = "all human beings are born free and equal in dignity and rights they are endowed with reason and conscience and should act towards one another in a spirit of brotherhood "
            + "the of and to in is you that it he was for on are as with his they at be this have from or one had by not but what all were we when your can said there use an each which she do how "
            + "their if will up other about out many then them these so some her would make like him into time has look two more write go see no way could people my than first been who its now did get "
            + "where is the how much does it cost please tell me I would like to know thank you very much the children went home after school because it was raining",
        ["de"] = "alle menschen sind frei und gleich an würde und rechten geboren sie sind mit vernunft und gewissen begabt und sollen einander im geist der brüderlichkeit begegnen "
            + "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder "
            + "aber vor zur bis mehr durch man sein wurde sei wenn kann ich mir dir uns ihr wir gegen vom schon keine hier diese unter sehr was wo wie viel kostet das bitte ich möchte gerne wissen danke schön die kinder gingen nach der schule nach hause weil es regnete",
        ["fr"] = "tous les êtres humains naissent libres et égaux en dignité et en droits ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité "
            + "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son elle aux mais comme on nous vous sa ses ou où si leur y dont tout cette être fait ont aussi même peut ces était "
            + "deux je tu mon ma mes notre votre combien est-ce que cela coûte s'il vous plaît je voudrais savoir merci beaucoup les enfants sont rentrés à la maison après l'école parce qu'il pleuvait c'est quoi d'un l'on n'est qu'il",
        ["es"] = "todos los seres humanos nacen libres e iguales en dignidad y derechos y dotados como están de razón y conciencia deben comportarse fraternalmente los unos con los otros "
            + "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué sólo han yo hay vez puede "
            + "todos así nos ni parte tiene él uno donde bien tiempo mismo ese ahora cada cuánto cuesta por favor quisiera saber muchas gracias los niños volvieron a casa después de la escuela porque llovía dónde está cómo se llama usted",
        ["pt"] = "todos os seres humanos nascem livres e iguais em dignidade e em direitos dotados de razão e de consciência devem agir uns para com os outros em espírito de fraternidade "
            + "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem nas me esse "
            + "eles estão você tinha foram essa num nem suas meu às minha têm quanto custa por favor gostaria de saber muito obrigado as crianças voltaram para casa depois da escola porque estava chovendo onde fica então são não",
        ["it"] = "tutti gli esseri umani nascono liberi ed eguali in dignità e diritti essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza "
            + "di e che la il un a per in è una non del sono con i le si da gli dei della lo come anche al ma ha più delle alla nel se o dal suo ai loro tra essere questo nella ci cui sua stato ho mi hanno tutto era quando perché due io ne chi molto cosa "
            + "solo già dopo ancora ogni sempre fatto può quanto costa per favore vorrei sapere grazie mille i bambini sono tornati a casa dopo la scuola perché pioveva dove si trova dell'anno c'è l'altro questa quello",
        ["nl"] = "alle mensen worden vrij en gelijk in waardigheid en rechten geboren zij zijn begiftigd met verstand en geweten en behoren zich jegens elkander in een geest van broederschap te gedragen "
            + "de het een van en in is dat op te zijn met voor niet die aan er ook als om maar door bij dan nog uit naar wordt heeft hij ik we zij je over hebben was worden meer tot wat zo kan geen wel deze dit ze moet al mijn hun haar had veel zou onder "
            + "werd waar hoe tegen omdat hoeveel kost dat alstublieft ik zou graag willen weten dank u wel de kinderen gingen na school naar huis omdat het regende waar is het station jullie onze",
        ["sv"] = "alla människor är födda fria och lika i värde och rättigheter de är utrustade med förnuft och samvete och bör handla gentemot varandra i en anda av broderskap "
            + "och i att en som det är av för med den på de till inte han har om jag ett från men var sig vi så kan hon när ut under också efter upp alla då mot där nu hade vara sin ska eller hur vad man blir får över mycket dem ser två andra bara skulle går "
            + "här mellan år detta utan vid honom mig dig hans hennes hur mycket kostar det tack jag skulle vilja veta tack så mycket barnen gick hem efter skolan eftersom det regnade något någon varför också",
        ["da"] = "alle mennesker er født frie og lige i værdighed og rettigheder de er udstyret med fornuft og samvittighed og de bør handle mod hverandre i en broderskabets ånd "
            + "og i at det er en til af på for de den med han der som et ikke har fra jeg var men sig ved om kan vi så hun eller ud når også efter op skal blev deres hvor være nu alle over hvad man bliver meget under mod andre hvis kun her år havde end ville to "
            + "mange nogle uden mig dig hans hendes hvor meget koster det tak jeg vil gerne vide mange tak børnene gik hjem efter skole fordi det regnede hvorfor noget nogen også selv blive",
        ["no"] = "alle mennesker er født frie og med samme menneskeverd og menneskerettigheter de er utstyrt med fornuft og samvittighet og bør handle mot hverandre i brorskapets ånd "
            + "og i det er på til som en å for av at med de den ikke han har fra et jeg var men seg om kan vi så hun eller ut når også etter opp skal ble deres hvor være nå alle over hva man blir mye under mot andre hvis bare her år hadde enn ville to mange noen "
            + "uten meg deg hans hennes hvor mye koster det takk jeg vil gjerne vite tusen takk barna gikk hjem etter skolen fordi det regnet hvorfor noe også selv bli mellom gjennom",
        ["fi"] = "kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan heille on annettu järki ja omatunto ja heidän on toimittava toisiaan kohtaan veljeyden hengessä "
            + "ja on ei että se hän oli mutta kun niin myös ovat tai joka kuin jos sen mitä olla minä sinä me te he ne tämä tässä siitä sitä jo vain vielä nyt hyvin sekä mukaan voi vuoden ole olisi mikä miten missä milloin koska jotka paljonko se maksaa kiitos "
            + "haluaisin tietää kiitos paljon lapset menivät koulun jälkeen kotiin koska satoi missä on asema kuinka paljon kanssa jälkeen ennen asti yli alle kaksi ensimmäinen",
        ["pl"] = "wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa "
            + "w i na z się nie do to że jest o jak za od po przez ale dla tym co być są czy ma tego oraz już tylko jego ich a ze który która które był była może jeszcze gdy bardzo więc pod przed lub między także ja ty on ona my wy oni mnie ciebie ile to kosztuje "
            + "proszę chciałbym wiedzieć dziękuję bardzo dzieci poszły do domu po szkole ponieważ padał deszcz gdzie jest dworzec dlaczego kiedy wszystko nic",
        ["cs"] = "všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv jsou nadáni rozumem a svědomím a mají spolu jednat v duchu bratrství "
            + "a v se na je že to s z do o i k ve pro za by ale si po jako podle od jsem tak jeho které který jsou až již nebo když být byl bylo která jen pokud může co u při její však ještě také jak než ani není má já ty on ona my vy oni kolik to stojí prosím "
            + "chtěl bych vědět děkuji moc děti šly po škole domů protože pršelo kde je nádraží proč kdy všechno nic mezi první",
        ["sk"] = "všetci ľudia sa rodia slobodní a sebe rovní čo sa týka ich dôstojnosti a práv sú obdarení rozumom a majú navzájom jednať v bratskom duchu "
            + "a v sa na je že to s z do o aj k vo pre za by ale si po ako podľa od som tak jeho ktoré ktorý sú až už alebo keď byť bol bolo ktorá len ak môže čo u pri jej však ešte tiež ani nie má ja ty on ona my vy oni koľko to stojí prosím chcel by som vedieť "
            + "ďakujem veľmi pekne deti išli po škole domov pretože pršalo kde je stanica prečo kedy všetko nič medzi prvý",
        ["hu"] = "minden emberi lény szabadon születik és egyenlő méltósága és joga van az emberek ésszel és lelkiismerettel bírván egymással szemben testvéri szellemben kell hogy viseltessenek "
            + "a az és hogy nem is egy ez azt meg volt de csak már mint ha el vagy még én te ő mi ti ők van lesz lehet kell majd mert ki mit hol mikor hogyan miért nagyon sok több után között pedig úgy így itt ott minden semmi mennyibe kerül ez kérem szeretném "
            + "tudni köszönöm szépen a gyerekek iskola után hazamentek mert esett az eső hol van az állomás ezért amely aki által szerint",
        ["ro"] = "toate ființele umane se nasc libere și egale în demnitate și în drepturi ele sunt înzestrate cu rațiune și conștiință și trebuie să se comporte unele față de altele în spiritul fraternității "
            + "de și în a la cu pe care este o un din nu să se mai pentru că ce au fost fi sau sunt prin ca le lui al ei am după dar îi ne era cum când unde foarte mult această acest doar între fără sub eu tu el ea noi voi mine cât costă vă rog aș vrea să știu "
            + "mulțumesc mult copiii au mers acasă după școală pentru că ploua unde este gara de ce toate nimic prima",
        ["tr"] = "bütün insanlar hür haysiyet ve haklar bakımından eşit doğarlar akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler "
            + "bir ve bu da de için ile çok ne daha gibi o ama en var kadar olan olarak sonra ben sen biz siz onlar mi mı değil her şey ise ya diye olduğu kendi iki ancak nasıl neden nerede zaman yok oldu olur ki bunu göre içinde üzerinde bu ne kadar lütfen "
            + "bilmek istiyorum çok teşekkür ederim çocuklar okuldan sonra eve gittiler çünkü yağmur yağıyordu istasyon nerede hiçbir bütün ilk",
        ["id"] = "semua orang dilahirkan merdeka dan mempunyai martabat dan hak hak yang sama mereka dikaruniai akal dan hati nurani dan hendaknya bergaul satu sama lain dalam semangat persaudaraan "
            + "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena tersebut bisa ada mereka lebih kata tahun sudah atau saat oleh menjadi orang ia telah adalah seperti sebagai bahwa dapat para harus namun kita dua satu masih hari "
            + "hanya kami kamu apa siapa mengapa bagaimana kapan di mana berapa harganya tolong saya ingin tahu terima kasih banyak anak anak pulang setelah sekolah karena hujan",
        ["vi"] = "tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi mọi con người đều được tạo hóa ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình anh em "
            + "và của là có trong được cho không với những một các người này đã khi từ để đến về ra như cũng tôi anh chị em họ chúng ta nhưng vào lại còn phải nhiều năm sẽ nếu thì gì nào ở đâu tại sao bao nhiêu tiền làm ơn tôi muốn biết cảm ơn rất nhiều "
            + "bọn trẻ về nhà sau giờ học vì trời mưa nhà ga ở đâu",
        ["et"] = "kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt neile on antud mõistus ja südametunnistus ja nende suhtumist üksteisesse peab kandma vendluse vaim "
            + "ja on ei et see ta oli ka kui aga nii mis või ning oma mina sina meie teie nemad seda selle kes kus millal kuidas miks väga palju juba ainult veel nüüd pärast enne koos ilma üle all kaks esimene kõik midagi kui palju see maksab palun ma sooviksin "
            + "teada suur tänu lapsed läksid pärast kooli koju sest sadas vihma kus on jaam olema saab võib peab",
        ["lv"] = "visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās viņi ir apveltīti ar saprātu un sirdsapziņu un viņiem jāizturas citam pret citu brālības garā "
            + "un ir ka par ar no uz to kas bet vai arī kā tas viņš viņa es tu mēs jūs viņi nav bija būs pie pēc līdz tikai vēl jau ļoti daudz kur kad kāpēc kurš savu šis šī tie divi pirmais viss nekas cik tas maksā lūdzu es vēlētos zināt liels paldies "
            + "bērni pēc skolas devās mājās jo lija lietus kur ir stacija starp bez zem virs var",
        ["lt"] = "visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis jiems suteiktas protas ir sąžinė ir jie turi elgtis vienas kito atžvilgiu kaip broliai "
            + "ir yra kad į su iš o bet ar tai kaip už po prie apie tik dar jau labai daug kur kada kodėl kuris savo šis ši tie du pirmas viskas nieko nėra buvo bus aš tu mes jūs jie jis ji mano tavo kiek tai kainuoja prašau norėčiau žinoti labai ačiū "
            + "vaikai po pamokų grįžo namo nes lijo kur yra stotis tarp be gali turi",
        ["hr"] = "sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima ona su obdarena razumom i sviješću i trebaju jedna prema drugima postupati u duhu bratstva "
            + "i u je se na da za od su s a ne to koji što iz o ali će kao do sam bi li ili nije samo po već bio bila nakon kako kada gdje zašto vrlo mnogo ja ti on ona mi vi oni moj tvoj ovaj taj dva prvi sve ništa koliko to stoji molim želio bih znati "
            + "hvala lijepa djeca su nakon škole otišla kući jer je padala kiša gdje je kolodvor između bez može mora",
        ["ca"] = "tots els éssers humans neixen lliures i iguals en dignitat i en drets són dotats de raó i de consciència i han de comportar-se fraternalment els uns amb els altres "
            + "de la i el que a en els les un per amb una del no és al es dels com més o va ser són però ha aquest aquesta també seu seva entre molt quan on com perquè què jo tu ell ella nosaltres vosaltres ells meu teu dos primer tot res quant costa si us plau "
            + "m'agradaria saber moltes gràcies els nens van tornar a casa després de l'escola perquè plovia on és l'estació sense sobre sota pot",
        ["ru"] = "все люди рождаются свободными и равными в своем достоинстве и правах они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства "
            + "и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой вы от так для ты же все бы о как год один или если уже когда только его было сколько это стоит пожалуйста я хотел бы знать большое спасибо дети пошли домой "
            + "после школы потому что шёл дождь где находится вокзал почему очень много нет",
        ["uk"] = "всі люди народжуються вільними і рівними у своїй гідності та правах вони наділені розумом і совістю і повинні діяти у відношенні один до одного в дусі братерства "
            + "і в не на я бути він з що а по це вона цей до але вони ми весь який із у то за свій ви від так для ти ж все би про як рік один або якщо вже коли тільки його було скільки це коштує будь ласка я хотів би знати дуже дякую діти пішли додому "
            + "після школи тому що йшов дощ де знаходиться вокзал чому багато немає є їх",
        ["bg"] = "всички хора се раждат свободни и равни по достойнство и права те са надарени с разум и съвест и следва да се отнасят помежду си в дух на братство "
            + "и на да в се за от е не с са по че това си като до ще който които но той тя те ние вие аз ти или още само след при има няма беше много как кога къде защо ако вече между без два първи всичко нищо колко струва това моля бих искал да знам "
            + "много благодаря децата се прибраха вкъщи след училище защото валеше къде е гарата тази този може трябва",
        ["sr"] = "сва људска бића рађају се слободна и једнака у достојанству и правима она су обдарена разумом и свешћу и треба једни према другима да поступају у духу братства "
            + "и у је се на да за од су с а не то који што из о али ће као до сам би ли или није само по већ био била након како када где зашто врло много ја ти он она ми ви они мој твој овај тај два први све ништа колико то кошта молим желео бих да знам "
            + "хвала лепо деца су после школе отишла кући јер је падала киша где је станица између без може мора",
        ["ar"] = "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء "
            + "في من على إلى أن عن مع هذا هذه التي الذي كان كانت لا ما هو هي هم نحن أنا أنت كل بعد قبل بين حتى أو ثم لم لن قد إن كم يكلف هذا من فضلك أريد أن أعرف شكرا جزيلا عاد الأطفال إلى البيت بعد المدرسة لأن المطر كان ينزل أين المحطة",
        ["fa"] = "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند همه دارای عقل و وجدان هستند و باید نسبت به یکدیگر با روح برادری رفتار کنند "
            + "و در به از که این را با است برای آن یک خود تا کرد بر هم نیز گفت می شود شده وی هر ما من تو او شما آنها چه کجا چرا چگونه خیلی اگر اما یا پس بعد پیش چند است لطفا می‌خواهم بدانم خیلی ممنون بچه‌ها بعد از مدرسه به خانه رفتند چون باران می‌آمد ایستگاه کجاست",
    };

    public static readonly IReadOnlyDictionary<string, string> Names = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["en"] = "English", ["de"] = "German", ["fr"] = "French", ["es"] = "Spanish", ["pt"] = "Portuguese", ["it"] = "Italian", ["nl"] = "Dutch", ["sv"] = "Swedish", ["da"] = "Danish",
        ["no"] = "Norwegian", ["fi"] = "Finnish", ["pl"] = "Polish", ["cs"] = "Czech", ["sk"] = "Slovak", ["hu"] = "Hungarian", ["ro"] = "Romanian", ["tr"] = "Turkish", ["id"] = "Indonesian",
        ["vi"] = "Vietnamese", ["et"] = "Estonian", ["lv"] = "Latvian", ["lt"] = "Lithuanian", ["hr"] = "Croatian", ["ca"] = "Catalan", ["ru"] = "Russian", ["uk"] = "Ukrainian",
        ["bg"] = "Bulgarian", ["sr"] = "Serbian", ["ar"] = "Arabic", ["fa"] = "Persian", ["el"] = "Greek", ["he"] = "Hebrew", ["zh"] = "Chinese", ["ja"] = "Japanese", ["ko"] = "Korean",
        ["th"] = "Thai", ["hi"] = "Hindi", ["bn"] = "Bengali", ["ta"] = "Tamil", ["te"] = "Telugu", ["ka"] = "Georgian", ["hy"] = "Armenian",
    };
}
