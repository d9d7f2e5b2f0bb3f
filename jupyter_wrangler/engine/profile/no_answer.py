"""Words for "no answer" in several languages, as people and programs write them.

Case, accents and blanks do not matter: `words` compares them without.
"""
# ruff: noqa: RUF001  letters of other alphabets are meant

#: Words that say that there is no value.
ENGLISH = (
    *("na", "n/a", "n.a.", "n.a", "#n/a", "#na", "<na>", "nan", "null", "(null)"),
    *("missing", "(missing)", "not available", "no data", "nodata", "no value"),
    *("unknown", "(unknown)", "unk", "unspecified", "not specified", "undefined"),
    *("not known", "not recorded", "not reported", "no answer", "no response"),
    *("refused", "not stated", "tbd", "tba", "#value!", "#ref!", "#div/0!"),
    *("(blank)", "blank", "empty", "(empty)", "nat", "#null!", "-nan", "\\n"),
    *("?", "??", "???", "-", "--", "---", ".", "..", "...", "*", "_", "/", "x"),
    *("don't know", "dont know", "do not know", "dk/na", "dk/nr", "not answered"),
    *("prefer not to say", "prefer not to answer", "declined to answer", "n.k."),
    *("not asked", "not provided", "not given", "not disclosed", "undisclosed"),
    *("withheld", "unavailable", "missing data", "missing value", "no information"),
    *("not collected", "not determined", "not measured", "not entered", "#n/a n/a"),
)
#: The same in other languages.
OTHERS = (
    # German
    *("k.a.", "k.a", "k.angabe", "keine angabe", "keine angaben", "ohne angabe"),
    *("o.a.", "o.angabe", "unbekannt", "nicht bekannt", "weiß nicht", "fehlt"),
    *("fehlend", "fehlender wert", "keine antwort", "keine daten", "nicht erhoben"),
    *("nicht verfügbar", "nicht angegeben", "nicht vorhanden", "verweigert", "w.n."),
    # French
    *("n.d.", "n.d", "n/d", "non renseigné", "non renseignée", "non disponible"),
    *("inconnu", "inconnue", "ne sait pas", "sans réponse", "pas de réponse"),
    *("non réponse", "non-réponse", "manquant", "manquante", "donnée manquante"),
    *("non communiqué", "non précisé", "non déclaré", "refus de répondre", "nspp"),
    # Spanish
    *("desconocido", "desconocida", "sin datos", "sin dato", "sin respuesta", "s/d"),
    *("no sabe", "no contesta", "no responde", "ns/nc", "ns/nr", "no disponible"),
    *("sin información", "no especificado", "no informa", "no consta", "faltante"),
    # Portuguese
    *("desconhecido", "desconhecida", "sem informação", "sem resposta", "sem dados"),
    *("não sabe", "não informado", "não informada", "não disponível", "não consta"),
    *("não respondeu", "ignorado", "ns/nr", "em falta"),
    # Italian
    *("sconosciuto", "sconosciuta", "non noto", "non nota", "non risponde", "non so"),
    *("nessuna risposta", "mancante", "non rilevato", "dato mancante", "ignoto"),
    *("non specificato", "non disponibile", "non pervenuto"),
    # Dutch
    *("onbekend", "niet bekend", "geen antwoord", "weet niet", "ontbreekt"),
    *("niet beschikbaar", "geen opgave", "geen gegevens", "niet ingevuld"),
    # Swedish, Danish, Norwegian, Finnish
    *("okänd", "okänt", "uppgift saknas", "saknas", "vet ej", "vet inte", "ej svar"),
    *("inget svar", "ingen uppgift", "ukendt", "uoplyst", "ikke oplyst", "ved ikke"),
    *("intet svar", "ukjent", "uoppgitt", "vet ikke", "mangler", "ikke svart"),
    *("ei tietoa", "tuntematon", "puuttuu", "en osaa sanoa", "ei vastausta"),
    # Polish, Czech, Slovak, Hungarian, Romanian
    *("brak", "brak danych", "brak odpowiedzi", "nieznany", "nieznana", "nieznane"),
    *("nie wiem", "b.d.", "b/d", "nie podano", "neznámý", "neznámé", "neuvedeno"),
    *("nevím", "chybí", "bez odpovědi", "neznáme", "neviem", "chýba", "nezistené"),
    *("ismeretlen", "nincs adat", "nincs válasz", "nem tudja", "hiányzik"),
    *("necunoscut", "nu știu", "fără răspuns", "lipsă"),
    # Greek, Russian, Ukrainian, Turkish
    *("άγνωστο", "δεν απαντώ", "δεν γνωρίζω", "δ/α", "χωρίς απάντηση"),
    *("нет данных", "неизвестно", "неизвестен", "н/д", "н.д.", "нет ответа"),
    *("не указано", "не указан", "затрудняюсь ответить", "отсутствует", "не знаю"),
    *("немає даних", "невідомо", "не вказано", "немає відповіді"),
    *("bilinmiyor", "veri yok", "cevap yok", "cevapsız", "belirtilmemiş"),
    # Chinese, Japanese, Korean, Arabic, Hebrew, Hindi
    *("未知", "不详", "不詳", "缺失", "缺失值", "暂无", "暂无数据", "未填", "未填写"),
    *("不知道", "无数据", "無資料", "不明", "無回答", "未回答", "欠損", "欠測"),
    *(
        "わからない",
        "データなし",
        "모름",
        "무응답",
        "결측",
        "결측치",
        "미상",
        "알수없음",
    ),
    *("غير معروف", "لا توجد بيانات", "غير متوفر", "לא ידוע", "אין נתונים", "अज्ञात"),
)
#: Words that may be answers too.
MAYBE = (
    *("none", "nil", "not applicable", "other/unknown", "xx", "xxx", "n.v.t."),
    *("dk", "nk", "nd", "nr", "ns", "nc", "nsp", "ka", "no aplica", "não se aplica"),
    *("non applicable", "non applicabile", "entfällt", "nicht zutreffend", "ej"),
    *("niet van toepassing", "nie dotyczy", "ei mitään", "yok", "нет", "无", "なし"),
    *("없음", "keine", "aucun", "ninguno", "nessuno", "nenhum", "geen", "ingen"),
)
