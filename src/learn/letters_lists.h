/* The lists behind letters_words.c: syllables, roles, titles and captions a language. Only that file
 * includes this one. Lists of single words are separated by blanks, lists of phrases by bars. Written
 * for this project; the names that come out belong to nobody. */
#ifndef BK_LEARN_LETTERS_LISTS_H
#define BK_LEARN_LETTERS_LISTS_H

#include "learn/letters_words.h"

typedef struct language {
    script script;
    bool surname_first;
    const char *joint;                                /* between words: a blank, or nothing */
    const char *first_head, *first_tail;              /* first name = head + tail */
    const char *last_head, *last_tail;                /* surname = head + tail */
    const char *of;                                   /* NOUN of NOUN */
    const char *nouns, *adjectives, *words;           /* separated by blanks */
    const char *roles, *cards, *captions, *companies; /* separated by bars */
} language;

enum { LANGUAGE_COUNT = 21 };

static const language languages[LANGUAGE_COUNT] = {
    { .script = SCRIPT_LATIN,
      .joint = " ", /* English */
      .first_head =
          "Ma Jo An Ka Ri Da Be Lu Na El Ste Mi Ro Ja Sa Tho Wil Hen Char Ge Fran Vic Pa Ke Ol Ed Al Gra Lo Phi",
      .first_tail = "rk hn na ren chard vid th cas than len ven chael bert mes rah mas liam ry les orge ces tor "
                    "tricia vin iver ward "
                    "ice ce uis lip",
      .last_head = "Wood Har Black Whit Ash Brad Car Stan Thorn Mac Kings Wal Rob Hart Green Mill Hol North Cald "
                   "West Fair Eld "
                   "Pem Lang Sher Brook Dun Hat",
      .last_tail = "son ford man ley ton well er field berg wick ham by worth more land stone bury croft",
      .of = " of ",
      .nouns = "Night River House Road Light Winter Garden Stranger Shadow Island Harbour Letter Summer City Fire "
               "Silence Dream "
               "Mountain Train Door Crown Mirror Storm Machine Ocean Orchard Witness Kingdom Promise Station Desert "
               "Moon Wolf "
               "Circus Bridge Thunder Paper Glass Star Signal Runner Doctor Captain Daughter Brother Ghost Tiger "
               "Empire Forest "
               "Autumn Valley Lantern Diamond Sparrow Engine Planet Hunter Tower",
      .adjectives = "The Last Silent Broken Golden Lost Secret Hidden Long Dark Bright Cold Distant Electric Strange "
                    "Wild Little "
                    "Second Perfect Invisible Quiet Burning Frozen",
      .words = "the a to and of in is you that it he was for on are with as his they at be this have from or one had "
               "by not but "
               "what all were we when your can said there use an each which she do how their if will up other about "
               "out many "
               "then them these so some her would make like him into time has look two more write go see no way "
               "could people my "
               "than first been call who its now find long down day did get come made may never again nothing here "
               "where why "
               "because tomorrow yesterday home believe know think want tell leave stay wait",
      .roles = "Director|Producer|Executive Producer|Co-Producer|Associate Producer|Line "
               "Producer|Writer|Screenplay|Story|Music|"
               "Original Score|Director of Photography|Cinematography|Camera Operator|First Assistant Camera|Focus "
               "Puller|Editor|"
               "Film Editor|Assistant Editor|Production Designer|Art Director|Set Decorator|Costume "
               "Designer|Wardrobe Supervisor|"
               "Makeup Artist|Hair Stylist|Casting|Casting Director|Sound Designer|Sound Mixer|Boom "
               "Operator|Re-recording Mixer|"
               "Foley Artist|Dialogue Editor|Visual Effects Supervisor|Compositor|Animator|Lead Animator|Character "
               "Design|Layout|"
               "Storyboard Artist|Rigging|Lighting|Shading|Rendering|Gaffer|Key Grip|Best "
               "Boy|Grip|Electrician|Script Supervisor|"
               "Location Manager|Production Manager|Unit Manager|First Assistant Director|Second Assistant "
               "Director|Stunt Coordinator|"
               "Stunts|Colourist|Digital Intermediate|Title Design|Narrator|Production Assistant|Production "
               "Accountant|Catering|"
               "Transport Captain|Driver|Still Photographer|Publicist|Special Thanks|Legal Services|Post-production "
               "Supervisor|"
               "Young Man|Woman at Bar|Policeman #1|Nurse|Old Sailor|Waiter|Herself|Bartender",
      .cards = "a film by|directed by|produced by|written by|presents|in association with|a production "
               "of|starring|music by|edited by|"
               "based on the novel by|executive producer|and|with|introducing|director of photography|created "
               "by|casting by|"
               "an original series|special guest star",
      .captions = "Three years later|The next morning|Two weeks earlier|Somewhere in the north|Chapter One|Chapter "
                  "Four|Part Two|"
                  "Present day|Six months later|That night|Ten minutes to midnight|Day 12|Meanwhile|Monday",
      .companies =
          "Pictures|Films|Entertainment|Studios|Productions|Media|Animation|Television|Film Group|Features|Works|"
          "Distribution|Film Fund|Broadcasting" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* German */
      .first_head = "Han Wol Kla Jür Ste Mar Ka Ul Hei Die Sa An Bir Ger Lu",
      .first_tail = "nes fgang us gen fan tin rin rich ke ter bine drea git hard kas",
      .last_head = "Schä Mül Hoff Ber Lin Stein Wein Kö Rich Baum Zim Krä Vog",
      .last_tail = "fer ler mann ger denberg bach nig ter gart mermann mer elsang",
      .of = " der ",
      .nouns = "Nacht Fluss Haus Straße Licht Winter Garten Schatten Insel Hafen Brief Sommer Stadt Feuer Stille "
               "Traum Berg Zug Tür "
               "Spiegel Sturm Wald Brücke Mond Schlüssel Grenze Heimat",
      .adjectives = "Das Der Die Letzte Stille Dunkle Verlorene Kalte Große Kleine Zweite Geheime",
      .words = "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden "
               "aus er hat dass sie "
               "nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis "
               "mehr durch man",
      .roles = "Regie|Drehbuch|Produktion|Produzent|Kamera|Schnitt|Musik|Ton|Szenenbild|Kostüm|Maske|Besetzung|"
               "Herstellungsleitung|"
               "Produktionsleitung|Aufnahmeleitung|Regieassistenz|Kameraassistenz|Oberbeleuchter|Beleuchter|"
               "Requisite|Tonmischung|"
               "Geräuschemacher|Visuelle Effekte|Farbkorrektur|Redaktion|Standfotos|Fahrer|Mit|Sprecher|Dank an",
      .cards = "ein Film von|präsentiert|in Zusammenarbeit mit|nach dem Roman von|Regie|mit|eine Produktion der|und",
      .captions = "Drei Jahre später|Am nächsten Morgen|Kapitel Eins|Zweiter Teil|In derselben Nacht|Heute",
      .companies = "Film|Filmproduktion|Medien|Fernsehen|Produktion|Verleih" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* French */
      .first_head = "Jean Pier Lau Cé Ma Na Oli Syl Ber Hé Ju Mi An Fran",
      .first_tail = "ne re rent line thieu thalie vier vie nard lène lien chel toine çois",
      .last_head = "Du Le Mar Ber Gau Rous Char Beau Mo La Fon Per",
      .last_tail = "pont clerc tin nard thier seau pentier lieu reau fontaine taine rin val",
      .of = " de ",
      .nouns = "Nuit Rivière Maison Route Lumière Hiver Jardin Ombre Île Port Lettre Été Ville Feu Silence Rêve "
               "Montagne Train Porte "
               "Miroir Tempête Forêt Pont Lune Frontière Fleur",
      .adjectives = "La Le Dernier Petite Grand Belle Secret Perdu Noir Blanche Premier",
      .words = "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec "
               "ou son il aux d'un "
               "cette mais on comme nous tout vous être fait sa elle été leur bien sans peut ses où même aussi",
      .roles = "Réalisation|Scénario|Production|Producteur délégué|Image|Directeur de la "
               "photographie|Montage|Musique|Son|Mixage|Décors|"
               "Costumes|Maquillage|Coiffure|Distribution|Directrice de production|Régie générale|Premier "
               "assistant|Scripte|"
               "Chef électricien|Chef machiniste|Étalonnage|Effets visuels|Bruitage|Photographe de "
               "plateau|Traduction|Remerciements",
      .cards = "un film de|présente|en association avec|d'après le roman de|avec|et|une production|musique de",
      .captions = "Trois ans plus tard|Le lendemain|Chapitre premier|Deuxième partie|La même nuit|De nos jours",
      .companies = "Films|Productions|Cinéma|Télévision|Distribution|Images" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Spanish */
      .first_head = "Jo Ma Car Lu Pe Fer Al Ra A Isa Mi Cris San Joa",
      .first_tail = "sé ría los cía dro nando berto món na bel guel tina tiago quín",
      .last_head = "Gar Fer Ro Gon Mar Lo Sán Pe Ra Cas To Ji Mo",
      .last_tail = "cía nández dríguez zález tínez pez chez ña mírez tillo rres ménez reno",
      .of = " de ",
      .nouns = "Noche Río Casa Camino Luz Invierno Jardín Sombra Isla Puerto Carta Verano Ciudad Fuego Silencio "
               "Sueño Montaña Tren "
               "Puerta Espejo Tormenta Bosque Puente Luna Frontera",
      .adjectives = "La El Última Gran Pequeño Secreto Perdida Negro Blanca Primer",
      .words = "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me "
               "si sin sobre este ya "
               "entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué",
      .roles = "Dirección|Guion|Producción|Producción ejecutiva|Fotografía|Montaje|Música|Sonido|Dirección de "
               "arte|Vestuario|Maquillaje|"
               "Peluquería|Casting|Ayudante de dirección|Jefe de "
               "producción|Foquista|Eléctricos|Maquinistas|Mezclas|Efectos visuales|"
               "Etalonaje|Foto fija|Reparto|Agradecimientos",
      .cards = "una película de|presenta|en asociación con|basada en la novela de|con|y|dirigida por|guion de",
      .captions = "Tres años después|A la mañana siguiente|Capítulo uno|Segunda parte|Esa noche",
      .companies = "Films|Producciones|Cine|Televisión|Audiovisual" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Italian */
      .first_head = "Gio Mar Lu Fran Al Pao Ste Ro Gui Chia Se Ele",
      .first_tail = "vanni co ca cesca berto lo fano berta do ra rena na",
      .last_head = "Ros Bian Ric Ma Con Fer Gal Mo Bar Lom De",
      .last_tail = "si chi ci rini ti rari lo retti bieri bardi santis",
      .of = " del ",
      .nouns = "Notte Fiume Casa Strada Luce Inverno Giardino Ombra Isola Porto Lettera Estate Fuoco Sogno Monte "
               "Treno Mare Luna",
      .adjectives = "La Il Ultimo Grande Piccola Segreto Perduto Nera Bianco",
      .words = "di e che la il un a per in una mi sono ho non ma lo ha le si ti i con cosa se io come da ci no "
               "questo qui del bene tu sì "
               "sei hai della perché era gli al cui solo più tutto te fare molto sua dei",
      .roles = "Regia|Sceneggiatura|Soggetto|Produzione|Fotografia|Montaggio|Musiche|Suono|Scenografia|Costumi|"
               "Trucco|Acconciature|"
               "Aiuto regista|Direttore di produzione|Fonico|Mix|Effetti "
               "visivi|Macchinisti|Elettricisti|Interpreti|Ringraziamenti",
      .cards = "un film di|presenta|in collaborazione con|tratto dal romanzo di|con|e|regia di",
      .captions = "Tre anni dopo|Il giorno dopo|Capitolo primo|Parte seconda",
      .companies = "Film|Produzioni|Cinema|Distribuzione" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Dutch */
      .first_head = "Jan Pie Hen Wil San Lot Ma Ka Jo Bar",
      .first_tail = " ter drik lem ne te rijke rin ost end",
      .last_head = "Van Dij De Bak Vis Meij Smit Jan Ver",
      .last_tail = "Berg kstra Vries ker ser er s sen hoeven",
      .of = " van ",
      .nouns =
          "Nacht Rivier Huis Weg Licht Winter Tuin Schaduw Eiland Haven Brief Zomer Stad Vuur Stilte Droom Trein",
      .adjectives = "De Het Laatste Stille Donkere Verloren Kleine Grote",
      .words = "de van een het en in is dat op te zijn met voor niet die er aan ik om ook als dan maar bij nog uit "
               "naar heeft ze we kan",
      .roles = "Regie|Scenario|Productie|Camera|Montage|Muziek|Geluid|Art "
               "direction|Kostuums|Grime|Casting|Productieleider|Licht|Grip|"
               "Geluidsmix|Rekwisieten|Verhaal|Animatie|Met dank aan|Rolverdeling",
      .cards = "een film van|presenteert|in samenwerking met|met|en|regie",
      .captions = "Drie jaar later|De volgende ochtend|Hoofdstuk een",
      .companies = "Film|Producties|Media|Animatie" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Polish */
      .first_head = "Ka Mał To An Pio Ag Krzy Mag Woj Bar",
      .first_tail = "tarzyna gorzata masz drzej tr nieszka sztof dalena ciech bara",
      .last_head = "Ko Wiś No Ka Zie Le Dąb Woź",
      .last_tail = "walski niewski wak mińska liński wandowska rowski niak",
      .of = " i ",
      .nouns =
          "Noc Rzeka Dom Droga Światło Zima Ogród Cień Wyspa List Lato Miasto Ogień Cisza Sen Pociąg Las Księżyc",
      .adjectives = "Ostatni Cicha Ciemny Mały Wielka Zimna Nowy",
      .words = "w i na z nie się że do to jest o po jak ale za co tak dla od już czy był tylko jego mnie przez przy "
               "ich może bo ten tego",
      .roles =
          "Reżyseria|Scenariusz|Producent|Zdjęcia|Montaż|Muzyka|Dźwięk|Scenografia|Kostiumy|Charakteryzacja|Obsada|"
          "Kierownik produkcji|Operator kamery|Asystent reżysera|Oświetlenie|Efekty specjalne|Podziękowania",
      .cards = "film|reżyseria|przedstawia|w rolach głównych|scenariusz|oraz",
      .captions = "Trzy lata później|Następnego dnia|Rozdział pierwszy",
      .companies = "Film|Studio|Produkcja" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Turkish */
      .first_head = "Meh Ay Mus Fat Em El Ke Zey Bu Se",
      .first_tail = "met şe tafa ma re if mal nep rak lin",
      .last_head = "Yıl Kay De Çe Şa Öz Ars Do",
      .last_tail = "maz a mir lik hin türk lan ğan",
      .of = " ve ",
      .nouns = "Gece Nehir Ev Yol Işık Kış Bahçe Gölge Ada Mektup Yaz Şehir Ateş Rüya Dağ Tren Kapı Ayna Fırtına",
      .adjectives = "Son Sessiz Kayıp Büyük Küçük Gizli Kara Beyaz",
      .words = "bir ve bu da de için ne çok ben o mi var ama gibi daha değil evet sen kadar iyi her şey yok ki "
               "olarak sonra biz onu bana",
      .roles = "Yönetmen|Senaryo|Yapımcı|Görüntü Yönetmeni|Kurgu|Müzik|Ses|Sanat "
               "Yönetmeni|Kostüm|Makyaj|Oyuncular|Işık|Yardımcı "
               "Yönetmen|Yapım Sorumlusu|Teşekkürler",
      .cards = "bir film|sunar|yönetmen|senaryo|müzik|ve",
      .captions = "Üç yıl sonra|Ertesi sabah|Birinci bölüm",
      .companies = "Film|Yapım|Medya" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Swedish */
      .first_head = "Las Kri An Ing Er Bir Mag Jo Ka",
      .first_tail = "se stina ders rid ik gitta nus han rin",
      .last_head = "Lind Berg An Jo Nil Holm Sjö Ek",
      .last_tail = "ström qvist dersson hansson sson gren berg lund",
      .of = " och ",
      .nouns = "Natten Floden Huset Vägen Ljuset Vintern Trädgården Skuggan Ön Brevet Sommaren Staden Elden Drömmen",
      .adjectives = "Den Sista Tysta Mörka Lilla Stora Kalla",
      .words = "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan "
               "man när år under",
      .roles = "Regi|Manus|Producent|Foto|Klippning|Musik|Ljud|Scenografi|Kostym|Mask|Rollista|Inspelningsledare|B-"
               "foto|Ljus|Tack till",
      .cards = "en film av|presenterar|i samarbete med|regi|med|och",
      .captions = "Tre år senare|Nästa morgon|Kapitel ett",
      .companies = "Film|Produktion|Media" },
    { .script = SCRIPT_LATIN,
      .joint = " ", /* Portuguese */
      .first_head = "Jo Ma Pau Fer An Ri Lu Car Bea Gui",
      .first_tail = "ão ria lo nanda tónio cardo ísa los triz lherme",
      .last_head = "Sil San Oli Pe Cos Fer Ro Al",
      .last_tail = "va tos veira reira ta nandes drigues meida",
      .of = " do ",
      .nouns =
          "Noite Rio Casa Caminho Luz Inverno Jardim Sombra Ilha Porto Carta Verão Cidade Fogo Silêncio Sonho Mar",
      .adjectives = "O A Última Grande Pequeno Segredo Perdida Negra",
      .words = "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem "
               "à seu sua ou ser",
      .roles = "Direção|Roteiro|Produção|Fotografia|Montagem|Música|Som|Direção de "
               "arte|Figurino|Maquiagem|Elenco|Assistente de direção|"
               "Mixagem|Efeitos visuais|Agradecimentos",
      .cards = "um filme de|apresenta|em associação com|com|e|dirigido por",
      .captions = "Três anos depois|No dia seguinte|Capítulo um",
      .companies = "Filmes|Produções|Cinema" },
    { .script = SCRIPT_CYRILLIC,
      .joint = " ", /* Russian */
      .first_head = "Ан Сер Ми Еле Ни На Ви Оль Та Пав Ио Вла Кон Люд Ев",
      .first_tail = "дрей гей хаил на колай талья ктор га тьяна ел сиф димир стантин мила гений",
      .last_head = "Ива Пет Со Куз Во Ле Мо Бело Зай Гри Тара Жу Кра",
      .last_tail = "нов рова колов нецов робьёв бедева розов усова цев горьева сенко равлёв савин",
      .of = " и ",
      .nouns = "Ночь Река Дом Дорога Свет Зима Сад Тень Остров Письмо Лето Город Огонь Тишина Сон Гора Поезд Дверь "
               "Зеркало Гроза Лес "
               "Мост Луна Граница Весна Путь Берег Время Сердце",
      .adjectives = "Последний Тихий Тёмная Белая Старый Новая Маленький Большая Чужой Далёкий",
      .words =
          "и в не на я быть он с что а по это она этот к но они мы весь который из у так вы за же от сказать для "
          "мочь такой другой "
          "только себя один как уже год знать потом здесь никогда завтра вчера почему где когда очень хорошо домой",
      .roles =
          "Режиссёр|Режиссёр-постановщик|Автор сценария|Сценарий|Оператор|Оператор-постановщик|Композитор|Художник|"
          "Художник-постановщик|Звукорежиссёр|Монтаж|Режиссёр монтажа|Продюсер|Генеральный продюсер|Исполнительный "
          "продюсер|"
          "Художник по костюмам|Художник по гриму|Второй режиссёр|Ассистент режиссёра|Директор картины|В ролях|В "
          "главных ролях|"
          "Редактор|Осветители|Механик камеры|Постановщик "
          "трюков|Каскадёры|Реквизиторы|Администратор|Водители|Фотограф|"
          "Компьютерная графика|Цветокоррекция|Дирижёр|Текст читает|Роли озвучивали|Благодарим",
      .cards = "фильм|представляет|режиссёр|по роману|при участии|в главных ролях|киностудия|музыка|сценарий|и",
      .captions = "Три года спустя|На следующее утро|Глава первая|Часть вторая|Той же ночью|Наши дни|Москва",
      .companies = "Фильм|Кино|Студия|Продакшн|Киностудия" },
    { .script = SCRIPT_CYRILLIC,
      .joint = " ", /* Ukrainian */
      .first_head = "Оле Ми Та Бог Іри На Ан Ки Сві",
      .first_tail = "ксандр кола рас дан на дія дрій рило тлана",
      .last_head = "Шев Ков Бон Кра Ли Гри Мель Тка",
      .last_tail = "ченко альчук даренко вець сенко горенко ник ченко",
      .of = " та ",
      .nouns = "Ніч Ріка Дім Дорога Світло Зима Сад Тінь Острів Лист Літо Місто Вогонь Тиша Сон Гора Потяг",
      .adjectives = "Останній Тиха Темна Біла Старий Нова",
      .words = "і в не на я що це він з як але до за по її його так ми ви вони від для та або вже тут ніколи завтра "
               "чому де коли дуже",
      .roles = "Режисер|Сценарій|Оператор|Композитор|Художник|Звукорежисер|Монтаж|Продюсер|У "
               "ролях|Директор|Костюми|Грим|Подяка",
      .cards = "фільм|представляє|режисер|музика|сценарій",
      .captions = "Три роки потому|Наступного ранку|Частина друга",
      .companies = "Фільм|Студія|Кіно" },
    { .script = SCRIPT_GREEK,
      .joint = " ",
      .first_head = "Γιώρ Μα Νί Ελέ Κώ Αν Δη Σο Πέ",
      .first_tail = "γος ρία κος νη στας δρέας μήτρης φία τρος",
      .last_head = "Παπα Γεωργ Νικολ Δημη Αντων Ιωαν Καρα Οικονό",
      .last_tail = "δόπουλος ίου αΐδης τριάδης όπουλος νίδης μανλής μου",
      .of = " και ",
      .nouns =
          "Νύχτα Ποτάμι Σπίτι Δρόμος Φως Χειμώνας Κήπος Σκιά Νησί Γράμμα Πόλη Φωτιά Σιωπή Όνειρο Βουνό Τρένο Θάλασσα",
      .adjectives = "Το Ο Η Τελευταία Μεγάλη Μικρό Χαμένη",
      .words = "και το να του η της με που την από για είναι στο δεν θα τα μας σου ένα τι αυτό μια οι όταν εδώ πού "
               "γιατί πολύ σήμερα αύριο",
      .roles = "Σκηνοθεσία|Σενάριο|Παραγωγή|Φωτογραφία|Μοντάζ|Μουσική|Ήχος|Σκηνικά|Κοστούμια|Μακιγιάζ|Βοηθός "
               "σκηνοθέτη|Παίζουν|Ευχαριστίες",
      .cards = "μια ταινία του|παρουσιάζει|με τους|σκηνοθεσία",
      .captions = "Τρία χρόνια μετά|Το επόμενο πρωί|Κεφάλαιο πρώτο",
      .companies = "Φιλμς|Παραγωγές|Σινεμά" },
    { .script = SCRIPT_CHINESE,
      .surname_first = true,
      .joint = "",
      .first_head =
          "伟 芳 娜 秀 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 兰 霞 平 刚 桂 文 晓 志 建 国 海 玉 子 思 雨 嘉",
      .first_tail = "英 华 红 梅 林 龙 辉 萍 玲 芬 波 斌 宇 浩 凯 健 俊 帆 雪 云 莲 真 环 雅 宁 轩 涵 怡 东 峰",
      .last_head = "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧",
      .last_tail = "",
      .of = "与",
      .nouns = "黑夜 长河 故乡 归途 光明 冬天 花园 影子 孤岛 来信 夏日 城市 火焰 沉默 梦境 高山 列车 镜子 风暴 森林 "
               "月亮 江湖",
      .adjectives = "最后的 寂静的 失落的 红色 遥远的 新 大 小",
      .words = "的 我们 你 是 不 了 在 人 有 他 这 个 上 大 来 到 说 时候 要 就 出 会 也 知道 那 得 着 下 自己 之 年 "
               "过 后 为什么 没有 今天 明天",
      .roles = "导演|编剧|制片人|出品人|监制|摄影|摄影指导|剪辑|音乐|作曲|录音|美术|美术指导|服装|化妆|造型|灯光|"
               "道具|场记|副导演|执行导演|"
               "特技|动作指导|视觉特效|调色|主演|演员|配音|翻译|鸣谢|后期制作|统筹|剧务",
      .cards = "导演|出品|主演|作品|联合出品|领衔主演|编剧|监制",
      .captions = "三年后|第二天早晨|第一章|下集|北京|同一天夜里",
      .companies = "影业|电影公司|影视文化|传媒|制片厂" },
    { .script = SCRIPT_JAPANESE,
      .surname_first = true,
      .joint = "",
      .first_head = "健 翔 大 直 真 美 優 陽 裕 和 恵 由 智 隆 正 愛 千 彩 亮 浩",
      .first_tail = "太 子 輔 樹 人 香 介 也 一 美 司 奈 彦 恵 郎 里 平 之 江 夫",
      .last_head = "佐 高 渡 伊 山 中 小 加 吉 松 井 木 清 森 池 橋 石 前 藤 岡",
      .last_tail = "藤 橋 辺 田 本 村 林 口 原 野 川 島 崎 井 上 谷 沢 下",
      .of = "の",
      .nouns = "夜 川 家 道 光 冬 庭 影 島 手紙 夏 街 火 夢 山 汽車 扉 鏡 嵐 森 月 海 空 花 旅 風 星 記憶",
      .adjectives = "最後の 静かな 失われた 小さな 青い 白い 遠い",
      .words = "は が を に の で と も から まで です ます した ない こと もの それ これ 私 あなた 今日 明日 昨日 "
               "なぜ どこ いつ ここ 行く 来る 見る",
      .roles = "監督|脚本|原作|製作|プロデューサー|撮影|照明|録音|美術|編集|音楽|衣装|メイク|助監督|制作担当|"
               "キャスト|作画監督|キャラクターデザイン|"
               "美術監督|色彩設計|音響監督|原画|動画|仕上げ|背景|撮影監督|制作進行|協力|主題歌|声の出演",
      .cards = "監督|原作|脚本|製作|主演|作品",
      .captions = "三年後|翌朝|第一話|その夜|東京|第二章",
      .companies = "映画|製作委員会|フィルム|スタジオ|企画" },
    { .script = SCRIPT_KOREAN,
      .surname_first = true,
      .joint = "",
      .first_head = "민 서 지 현 수 영 준 은 동 성 태 하 도 재 유 혜",
      .first_tail = "준 연 우 진 희 호 경 아 석 미 훈 영 환 숙 원 정",
      .last_head = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송",
      .last_tail = "",
      .of = "의 ",
      .nouns = "밤 강 집 길 빛 겨울 정원 그림자 섬 편지 여름 도시 불꽃 침묵 꿈 산 기차 문 거울 폭풍 숲 달 바다",
      .adjectives = "마지막 조용한 잃어버린 작은 푸른 먼",
      .words = "그 이 저 나는 너는 우리 그리고 하지만 오늘 내일 어제 왜 어디 언제 여기 정말 아니 네 가자 했다 있다 "
               "없다 말해 봐 사람 시간",
      .roles = "감독|각본|제작|프로듀서|촬영|조명|편집|음악|미술|의상|분장|녹음|조감독|출연|무술감독|시각효과|"
               "제작부장|스크립터|도움 주신 분들",
      .cards = "감독|제작|주연|작품|각본",
      .captions = "3년 후|다음 날 아침|제1장|그날 밤|서울",
      .companies = "필름|픽쳐스|엔터테인먼트|스튜디오" },
    { .script = SCRIPT_ARABIC,
      .joint = " ",
      .first_head = "أحمد محمد علي سارة ليلى خالد يوسف فاطمة نور حسن مريم عمر هدى كريم سلمى",
      .first_tail = "",
      .last_head = "المصري الشامي حداد نجار الخطيب منصور صالح عثمان الحسيني فارس جابر زيدان شريف",
      .last_tail = "",
      .of = " و ",
      .nouns = "الليل النهر البيت الطريق الضوء الشتاء الحديقة الظل الجزيرة الرسالة الصيف المدينة النار الصمت الحلم "
               "الجبل القطار",
      .adjectives = "الأخير الصامت الضائع الكبير الصغيرة",
      .words = "في من على إلى عن هذا هذه كان أن لا ما هو هي نحن أنت كل يوم غدا أمس لماذا أين متى هنا قال ذهب جاء بعد "
               "قبل مع",
      .roles = "إخراج|تأليف|سيناريو|إنتاج|منتج منفذ|مدير التصوير|مونتاج|موسيقى|هندسة صوت|ديكور|ملابس|ماكياج|مساعد "
               "مخرج|بطولة|تمثيل|شكر خاص",
      .cards = "فيلم|تقدم|إخراج|بطولة|عن رواية",
      .captions = "بعد ثلاث سنوات|صباح اليوم التالي|الفصل الأول|القاهرة",
      .companies = "للإنتاج|فيلم|للسينما" },
    { .script = SCRIPT_HEBREW,
      .joint = " ",
      .first_head = "דוד שרה יוסף רחל אבי נועה יעל משה תמר אורי מיכל גיא",
      .first_tail = "",
      .last_head = "כהן לוי מזרחי פרץ ביטון אברהם שפירא גולן ברק אלון רוזן",
      .last_tail = "",
      .of = " של ",
      .nouns = "לילה נהר בית דרך אור חורף גן צל אי מכתב קיץ עיר אש שתיקה חלום הר רכבת",
      .adjectives = "אחרון שקט אבוד קטן גדול",
      .words = "של על את לא זה הוא היא אני אתה מה כל גם אבל אם כי עם יש אין היום מחר אתמול למה איפה מתי כאן",
      .roles = "בימוי|תסריט|הפקה|צילום|עריכה|מוזיקה|קול|עיצוב|תלבושות|איפור|עוזר במאי|משתתפים|תודות|תאורה|ליהוק",
      .cards = "סרט של|מציגה|בימוי|תסריט",
      .captions = "שלוש שנים אחרי|למחרת בבוקר|פרק ראשון",
      .companies = "הפקות|סרטים" },
    { .script = SCRIPT_DEVANAGARI,
      .joint = " ",
      .first_head = "अमित राज सुनी प्रिया अनि विज सं दीप मी रवि नेहा किर",
      .first_tail = "त ता ल य जय ण रा",
      .last_head = "शर्मा वर्मा गुप्ता सिंह कुमार पटेल जोशी मिश्रा यादव चौधरी कपूर",
      .last_tail = "",
      .of = " और ",
      .nouns = "रात नदी घर रास्ता रोशनी सर्दी बाग छाया द्वीप चिट्ठी गर्मी शहर आग सपना पहाड़ रेल",
      .adjectives = "आखिरी शांत खोया छोटा बड़ा",
      .words = "है का की के में और से को यह वह मैं हम तुम नहीं क्या कल आज क्यों कहाँ कब यहाँ बहुत अब तो ही भी",
      .roles = "निर्देशक|निर्माता|लेखक|पटकथा|संवाद|संगीत|गीत|छायांकन|संपादन|ध्वनि|कला|वेशभूषा|नृत्य|कलाकार|सहायक निर्देशक|आभार",
      .cards = "निर्देशक|प्रस्तुत|निर्माता|संगीत",
      .captions = "तीन साल बाद|अगली सुबह|पहला अध्याय",
      .companies = "फिल्म्स|प्रोडक्शन" },
    { .script = SCRIPT_THAI,
      .joint = " ",
      .first_head = "สม ประ วิ นภา อร มา กิต ศิริ ชัย พร",
      .first_tail = "ชาย เสริฐ ชัย พร ทิพย์ นี ติ วรรณ",
      .last_head = "แสง ทอง ศรี วงศ์ รัตน บุญ ใจ",
      .last_tail = "ทอง สุข ดี งาม ชัย มี",
      .of = "แห่ง",
      .nouns = "ราตรี แม่น้ำ บ้าน ถนน แสง ฤดูหนาว สวน เงา เกาะ จดหมาย เมือง ไฟ ความฝัน ภูเขา",
      .adjectives = "สุดท้าย เงียบ หลงทาง",
      .words = "ที่ และ ใน ของ เป็น ไม่ ได้ ว่า มี ไป มา ให้ กับ จะ เรา คุณ วันนี้ พรุ่งนี้ ทำไม ที่ไหน",
      .roles = "กำกับการแสดง|เขียนบท|อำนวยการสร้าง|ถ่ายภาพ|ตัดต่อ|ดนตรี|เสียง|ศิลปกรรม|เครื่องแต่งกาย|แต่งหน้า|นักแสดง|ขอบคุณ",
      .cards = "ภาพยนตร์โดย|เสนอ|กำกับ",
      .captions = "สามปีต่อมา|เช้าวันรุ่งขึ้น|บทที่หนึ่ง",
      .companies = "ฟิล์ม|โปรดักชั่น" },
    { .script = SCRIPT_GEORGIAN,
      .joint = " ",
      .first_head = "გიორგი ნინო დავით მარიამ ლევან თამარ ირაკლი ეკა ზურა ანა ლუკა სოფო",
      .first_tail = "",
      .last_head = "ბერი კაპა გელა მამუ ლომი ჯაფა ქავთა კობა ნიკო",
      .last_tail = "შვილი ძე იძე აშვილი",
      .of = " და ",
      .nouns = "ღამე მდინარე სახლი გზა სინათლე ზამთარი ბაღი ჩრდილი კუნძული წერილი ქალაქი ცეცხლი სიზმარი მთა",
      .adjectives = "ბოლო ჩუმი დიდი პატარა",
      .words = "და არ მე შენ ის ეს რომ თუ კი არა დღეს ხვალ რატომ სად როდის აქ ძალიან ჩვენ",
      .roles = "რეჟისორი|სცენარი|პროდიუსერი|ოპერატორი|მონტაჟი|მუსიკა|ხმა|მხატვარი|კოსტიუმები|გრიმი|როლებში|მადლობა",
      .cards = "ფილმი|წარმოგიდგენთ|რეჟისორი",
      .captions = "სამი წლის შემდეგ|მეორე დილას|თავი პირველი",
      .companies = "ფილმი|სტუდია" },
};

#endif
