"""The signs of walls: what challenge pages, sign-in pages, consent pages and paywalls have in common.

Tables of patterns and nothing else. Texts are matched in lower case (`walls_page.plain`), names of elements
and scripts in any case. Names of products are those that their own documentation and pages show in 2024 and
2025; words were collected from walls in the languages below and tried on 2,300 pages that are none.
"""

from __future__ import annotations

import re


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


CHALLENGE_SCRIPTS = re.compile(
    r"_cf_chl_opt|cf_chl_|challenge-platform/(?!scripts/jsd)|challenges\.cloudflare\.com/cdn-cgi|"
    r"captcha-delivery\.com|captcha\.px-c(?:dn|loud)\.net|/captcha/captcha\.js\?a=|px-captcha|bm-verify|"
    r"/_sec/cp_challenge|sec-if-cpt|sec-cpt-if|_Incapsula_Resource\?.{0,20}(?:CWUDNSAI|incident_id)|"
    r"hcaptcha-sitekey-incap|/_fs-ch-|gokuProps|awsWafCookieDomainList|KPSDK\s*=|sucuri_cloudproxy_js|"
    r"check\.ddos-guard\.net|/\.well-known/ddos-guard/js-challenge|/\.well-known/vercel/security/|"
    r"/\.within\.website/x/cmd/anubis|/\.within\.website/x/xess|/sorry/index|validateCaptcha|showcaptcha"
)
"""Scripts and refreshes of challenge pages; their passive siblings on ordinary pages are left out."""

GUARD_SCRIPTS = re.compile(
    r"/ips\.js\?|\.awswaf\.com/|perfdrive\.com|__qrator|servicepipe|_Incapsula_Resource|"
    r"captcha-api\.yandex|SmartCaptcha|recaptcha/(?:api|enterprise)\.js|hcaptcha\.com/1/api\.js|"
    r"turnstile/v0/api\.js|_pxAppId|datadome\.co/tags\.js"
)
"""Scripts of the same products that ordinary pages have as well."""

CHALLENGE_MARKS = re.compile(
    r"\bcf-(?:chl|challenge|error-details|browser-verification)|challenge-(?:form|running|error-text)\b|"
    r"captcha-delivery\.com|\bpx-captcha|sec-if-cpt|sec-cpt-if|_Incapsula_Resource.{0,40}(?:CWUDNSAI|"
    r"incident)|(?:^|[ /])sorry/index|validatecaptcha|showcaptcha|checkboxcaptcha|anubis|"
    r"\bcaptcha-(?:form|container|page|wrapper|interstitial|challenge)\b|\bbot-?(?:check|challenge|"
    r"detect(?:ion|ed)|verification)\b",
    re.I,
)

WIDGET = re.compile(
    r"\bg-recaptcha(?![\w-]|.*invisible)|recaptcha/(?:api2|enterprise)/anchor.*size=normal|"
    r"\bh-captcha(?![\w-]|.*invisible)|hcaptcha\.com/captcha|\bcf-turnstile(?![\w-])|"
    r"challenges\.cloudflare\.com/.*turnstile|\bfrc-captcha\b|arkoselabs\.com|funcaptcha\.com|"
    r"\bgeetest_(?:captcha|holder|radar)|\bsmart-captcha\b|^altcha-widget|\bmtcaptcha\b|aws-waf-captcha|"
    r"^cap-widget|\btencent-?captcha|\bnc_1_wrapper\b|\bcaptcha(?:_|-)?(?:img|image)\b|^img .*captcha",
    re.I | re.M,
)
"""Puzzles and check boxes that ask whether a visitor is a human."""

CHALLENGE_TEXT = _words(
    r"checking your browser|(?:dass|ob) (?:sie|du) (?:ein |kein )?(?:mensch|roboter|bot)\b",
    r"que vous (?:êtes|n'êtes)(?: bien| pas)*(?: un)?(?: être)? (?:humain|robot)\b",
    # English
    r"(?:verify|confirm|prove|check(?:ing)?|make sure|making sure|ensure|show)(?: to us| us)?(?: that| "
    r"if| whether)? (?:you are|you're|you were|you aren't|that you are)(?: a| an| not a| not an| indeed "
    r"a)? (?:real )?(?:human|robot|bot|person)",
    r"verifying (?:that )?you are (?:a )?human",
    r"\bi(?:'m| am) (?:a human|human|not a robot|not a bot)",
    r"please verify (?:that )?(?:you are|you're|your)(?: a)? human",
    r"complete the (?:captcha|security check|challenge below|puzzle)",
    r"(?:solve|pass|enter) (?:the|this|a) captcha",
    r"unusual (?:traffic|activity) (?:from|in|on) your",
    r"press (?:&|and) hold|pardon our interruption|access to this page has been denied",
    r"(?:enable|allow) javascript and cookies to continue",
    r"checking (?:if the site connection is secure|your browser before)",
    r"review(?:ing)? the security of your connection|human verification|bot verification",
    r"captcha verification",
    r"you have been blocked|you've been blocked|blocked by network security",
    r"automated (?:queries|requests|access|traffic)",
    r"type the characters you see|enter the characters you see",
    r"slide (?:right )?to (?:verify|complete|secure)",
    r"request unsuccessful\. incapsula|the requested url was rejected\. please consult",
    r"vercel security checkpoint|ddos protection by|performing security verification",
    r"(?:you're|you are|you were) (?:not |indeed )?an? (?:human|robot|bot)\b",
    r"think you (?:were|are|might be) a (?:bot|robot)",
    r"(?:enter|type) the (?:characters|letters|code|text|numbers) (?:shown|displayed|seen|below|above|"
    r"in|from|you see)",
    # German
    r"geben sie die (?:angezeigten )?(?:zeichen|buchstaben) ein",
    r"(?:saisissez|entrez) les (?:caractères|lettres)",
    r"(?:introduce|escribe|ingrese) (?:los caracteres|las letras)",
    r"(?:bestätige|beweise|prüfe|überprüfe|verifiziere|sicherstelle)n?(?: sie)?(?:,| bitte,| uns,)* "
    r"(?:dass|ob) (?:sie|du) (?:ein |kein )?(?:mensch|roboter|bot)",
    r"\b(?:ich bin|sie sind|du bist|sind sie|bist du) (?:ein mensch|kein roboter|kein bot|ein roboter)",
    r"ungewöhnliche[nr]? (?:datenverkehr|aktivität|zugriffe)",
    r"(?:browser|verbindung) wird (?:über)?geprüft",
    r"(?:sicherheitsabfrage|sicherheitsüberprüfung) (?:ab|durch|lösen|erforderlich)",
    r"lösen sie (?:das|die|dieses) (?:captcha|rätsel|aufgabe)",
    # French
    r"(?:vérifi|confirm|prouv)(?:er|ez|ons|ant)(?: nous)? que vous (?:êtes|n'êtes)(?: bien)?(?: pas)"
    r"?(?: un)? (?:être )?(?:humain|robot)",
    r"je ne suis pas un robot|je suis (?:un )?humain|êtes-vous (?:un )?(?:humain|robot)",
    r"vous n'êtes pas un robot",
    r"(?:trafic|activité) (?:inhabituel|exceptionnel|suspect)|résol(?:vez|udre) (?:le|ce) captcha",
    r"vérification (?:humaine|anti-robot)",
    # Spanish
    r"(?:verific|confirm|comprueb|demuestr|asegur)\w*,? que (?:usted )?(?:eres|es|no eres|no es)(?: un| "
    r"una)? (?:ser )?(?:human[oa]|persona|robot)",
    r"no soy un robot|soy human[oa]|eres (?:un )?(?:humano|robot)|tráfico (?:inusual|sospechoso)",
    r"(?:resuelv[ae]|completa) el captcha",
    # Italian, Portuguese, Dutch, Polish
    r"(?:verific|conferm|dimostr)\w*(?: di| che) (?:essere|sei|non sei|non essere)(?: un)? (?:essere )"
    r"?(?:uman[oa]|robot)",
    r"non sono un robot",
    r"(?:verifi(?:que|car)|confirme|prove|comprove) (?:se|que) (?:você )?(?:é|não é)(?: um)? (?:ser )"
    r"?(?:human[oa]|robô)",
    r"não sou um robô",
    r"(?:bevestig|controleer|bewijs)\w*(?: even)? dat (?:u|je) (?:een mens|geen robot) (?:bent|ben)",
    r"ik ben geen robot",
    r"nie jestem robotem|(?:potwierdź|zweryfikuj), (?:że|czy) jesteś człowiekiem",
    # Russian, Chinese, Japanese, Korean
    r"(?:вы не|я не) робот|(?:что|вы) (?:вы )?человек\b|запросы.{0,40}похожи на автоматические",
    r"人机(?:身份)?验证|(?:请|請)?(?:完成|进行|進行)(?:下方|以下)?(?:安全)?(?:验证|驗證)|(?:您|你)是(?:真人|人类)",
    r"不是机器人|不是機器人|异常流量",
    r"私はロボットではありません|ロボットではない|人間であることを(?:確認|証明)",
    r"로봇이 아닙니다|사람인지 확인",
)
"""What challenge pages say in so many words."""

CHALLENGE_HINT = _words(
    r"client challenge|checking your browser",
    r"(?:are|aren't) you (?:a )?(?:human|robot|bot)\b|human check|captcha",
    r"just a moment|attention required|one more step|security (?:check|verification)|robot check",
    r"access denied|access blocked",
    r"ddos-guard|captcha|are you human|please wait|unusual activity|request blocked",
    r"pardon the interruption|forbidden",
    r"nur einen moment|einen moment|sicherheits(?:prüfung|überprüfung|check)|zugriff verweigert",
    r"bitte warten",
    r"un instant|veuillez patienter|vérification de sécurité|accès refusé|un momento|acceso denegado",
    r"verificación de seguridad",
    r"un attimo|accesso negato|um momento|acesso negado|even geduld|toegang geweigerd|один момент|请稍候",
    r"しばらくお待ちください",
)
"""Titles of challenge pages that others may have as well: they count beside another sign only."""

REFUSAL_TEXT = _words(
    r"you don't have permission to access .{0,300} on this server\.?(?: |\n)?reference #",
    r"request could not be satisfied|errors\.edgesuite\.net|incident id|support id is|ray id",
)
"""Refusals at the edge, which come with a status of 403 or the like."""

LOGIN_TEXT = _words(
    r"must be an? (?:registered|member|subscriber)",
    r"to continue to (?:gmail|google|your account)",
    # English
    r"(?:sign|log) ?[io]n(?: or (?:sign up|register|join|create an account))?,?(?: in order)? to "
    r"(?:continue|proceed|view|see|access|read|use|unlock)",
    r"(?:you )?(?:must|need to|have to|should|please)(?: first)? (?:be (?:logged|signed) in|(?:log|sign)"
    r" ?in)(?! to (?:post|leave|comment|reply|vote|rate|review|add|submit|write))",
    r"(?:page|content|area|section|topic|file) is (?:only )?for (?:registered|logged|signed|members)",
    r"(?:create an account|sign up|register|join) to (?:continue|view|see|access|read|unlock)",
    r"login (?:is )?required|authentication required|members[- ]only",
    r"(?:this )?(?:page|content|area|section|site) is (?:only )?(?:available|visible|restricted|open|"
    r"accessible) (?:only )?(?:to|for) (?:registered|logged[- ]in|signed[- ]in|members|authori[sz]ed)",
    # German
    r"(?:melden sie sich|melde dich|loggen sie sich|logge dich|bitte)(?: bitte| erst| zuerst)? (?:an|"
    r"ein|einloggen|anmelden)\b(?:, um)?",
    r"(?:anmelden|einloggen|registrieren),? um (?:fort|weiter|zu|den|die|das)",
    r"(?:müssen|musst) (?:angemeldet|eingeloggt|sich anmelden|dich anmelden)|anmeldung erforderlich",
    r"nur für (?:mitglieder|registrierte|angemeldete)",
    # French
    r"connectez-vous (?:pour|afin|à)|(?:veuillez|merci de) vous (?:connecter|identifier)",
    r"vous devez (?:être connecté|vous connecter|vous identifier)|identifiez-vous",
    r"réservée? aux (?:membres|adhérents|utilisateurs)|connexion (?:requise|nécessaire)",
    # Spanish
    r"(?:inicia|inicie|iniciar) (?:la )?sesión (?:para|y|o .{0,20} para)",
    r"(?:debes?|tienes? que|necesitas?|es necesario) (?:iniciar (?:la )?sesión|estar registrad|"
    r"identificar)",
    r"por favor,? (?:inicia|inicie|identifí)|acceso (?:restringido|exclusivo|reservado)",
    # Italian, Portuguese, Dutch
    r"accedi per (?:continuare|vedere|leggere|visualizzare)",
    r"devi (?:effettuare l'accesso|accedere|essere (?:registrato|autenticato))|area riservata",
    r"(?:faça login|inicie sessão|entre) para (?:continuar|ver|acessar|ler)",
    r"você precisa (?:estar logado|fazer login|entrar)",
    r"log in om (?:verder|door|te)|(?:je moet|u moet) (?:ingelogd|inloggen|zijn ingelogd)",
    r"войдите,? чтобы|необходимо (?:войти|авторизоваться)|请(?:先)?登录|請先登入|登录后(?:查看|继续)",
    r"ログインして(?:ください|続)",
    r"ログインが必要",
)
"""What a page says that shows itself to its users only."""

LOGIN_HEAD = re.compile(
    r"^(?:sign ?in|log ?in|log in or .{0,20}|anmelden|anmeldung|einloggen|connexion|se connecter|"
    r"identification|iniciar sesión|inicia sesión|acceder|accedi|entrar|inloggen|logga in|log ind|"
    r"zaloguj się|вход|войти|登录|ログイン)(?: (?:to|bei|zu|à|a|en|in) .{0,30})?$"
)
"""Titles and headings of sign-in pages that ask for a name first."""

LOGIN_PATH = re.compile(
    r"/(?:[\w-]*log-?_?in(?:\.\w+)?|sign-?_?in(?:\.\w+)?|sign_in|signin[\w-]*|auth(?:orize|enticate|"
    r"entication|n)?|sso|saml2?|oauth2?|accounts?/login|wp-login\.php|authwall|anmelde[n]?|anmeldung|"
    r"einloggen|connexion|identification|s-identifier|acceso|iniciar-sesion|accedi|entrar|inloggen|"
    r"session/new|sessions/new|login_form|member/?login|usuario/login|checkpoint)(?=[/?#;.]|$)",
    re.I,
)
RETURN_NAME = re.compile(
    r"^(?:next|return|return_?to|return_?url|return_?path|redirect|redirect_?to|redirect_?ur[il]|"
    r"continue|dest|destination|from|back|back_?url|service|goto|target|url|ref|referer|referrer|"
    r"came_?from|relaystate|session_redirect|origin|callback_?url|rurl|r|u|to)$",
    re.I,
)
"""Where a sign-in page leads back to."""

PAYWALL_TEXT = _words(
    r"(?:story|article|post|content)(?: \w+){0,4} available to (?:our )?(?:paying )?(?:members|"
    r"subscribers)",
    r"weiterzulesen\b|(?:lesen sie|artikel|text|beitrag)\b.{0,40}\bmit .{0,25}abo\b",
    r"digital-?abo\b.{0,40}\blesen",
    r"(?:access|subscri\w+|membership|trial)\b.{0,30} to (?:continue|keep) reading",
    # English
    r"(?:keep|continue) reading\b.{0,40}\b(?:subscri|membership|free trial)",
    r"unlock (?:this|the)(?: \w+)? (?:article|story|post|content|report)",
    r"(?:full|complete)(?: \w+)? (?:article|story|text|report|content)(?: \w+){0,3} (?:is|are) (?:only )"
    r"?available (?:only )?to (?:our )?(?:subscribers|members)",
    r"weiterlesen\b.{0,40}\b(?:abo\b|abonn)|\b(?:abo|abonn\w+)\b.{0,30}\bweiterlesen|lisez la suite\b",
    r"lire la suite (?:à partir|avec|pour|en)",
    r"(?:suscríbete|suscríbase|abónate) para (?:continuar|seguir|leer|acceder)",
    r"(?:subscribe|(?:sign|log) in|sign up|register|upgrade|become a (?:\w+ )?(?:member|subscriber)|"
    r"join|pay|start (?:your|a) (?:free )?trial|create (?:a|an|your) (?:free )?account)(?: now| today| "
    r"here| for free| to \w+)?(?:,| and)? (?:to |and )?(?:continue reading|keep reading|keep on reading|"
    r"read (?:on|more of|the (?:full|whole|entire|rest|complete)|this (?:article|story|post|content|"
    r"report))|unlock|get (?:full|unlimited) access|access (?:this|the (?:full|rest|entire))|finish "
    r"reading|see the (?:full|rest))",
    r"to (?:continue reading|keep reading|read (?:the )?(?:full|rest|whole|entire|this)(?: \w+){0,5}),? "
    r"?(?:please |you (?:must|need to|have to) )?(?:subscribe|sign up|register|log in|sign in|upgrade|"
    r"become a|buy|start)",
    r"(?:this|the)(?: \w+)? (?:article|story|content|post|page|report|feature|piece|section)(?: \w+)? "
    r"is (?:only |exclusively |just )?(?:available |reserved |exclusive |open |free )?(?:only |"
    r"exclusively )?(?:to|for)(?: \w+){0,3} (?:subscribers?|members?|subscription)",
    r"(?:subscriber|subscribers|member|members|premium)[- ](?:only|exclusive)(?: content| article| "
    r"story| post)\b",
    r"exclusive (?:to|for) (?:our )?(?:paid )?subscribers",
    r"(?:reached|used|hit|exceeded|exhausted)(?: up)?(?: all)?(?: of)? (?:your|the)(?: monthly| weekly)"
    r"?(?: limit of| free)?(?: \w+){0,3} (?:free )?(?:articles?|stories|article limit|limit)\b(?! "
    r"remaining)",
    r"you(?:'ve| have) (?:read|run out of) (?:all )?(?:of )?your (?:last )?(?:\w+ )?free (?:articles?|"
    r"stor)",
    r"(?:want|like|love) to (?:read|see|keep reading)(?: \w+){0,3}\? ?(?:subscribe|sign up|become|join|"
    r"start)",
    r"(?:keep|continue) reading (?:with|for) (?:a|an|just|only|as little|\$|£|€|\d)",
    r"(?:unlock|read) (?:this|the (?:full|rest|whole)) (?:article|story|post|content)(?: \w+){0,2} "
    r"(?:by subscribing|with a|for free with)",
    r"the rest of this (?:article|story|post|content) is",
    r"this (?:post|story|article) is for (?:paid|paying)|you are reading a (?:free )?preview",
    # German
    r"(?:jetzt |einfach |sofort )?(?:abonnieren|weiterlesen|registrieren|testen|kaufen|freischalten)(?: "
    r"und| &| sie und)? (?:weiterlesen|mit (?:\w+[- ]?){0,3}(?:abo|plus|premium|digital|\+)|alles lesen)",
    r"(?:artikel|beitrag|inhalt|text|story)(?: \w+){0,3} (?:ist|ist nur|nur)(?: \w+){0,2} für (?:unsere "
    r")?(?:abonnent|\w*plus-|\w*premium|digital|mitglieder|registrierte)",
    r"exklusiv für (?:unsere )?(?:abonnent|mitglieder|plus|premium)|nur für abonnent",
    r"(?:um|wenn sie) (?:den |diesen )?(?:ganzen |vollständigen |kompletten )?(?:artikel|text|beitrag)"
    r"(?: \w+){0,3} (?:zu lesen|weiterlesen|lesen (?:zu können|möchten|wollen))",
    r"(?:weiterlesen|lesen sie weiter) (?:mit|nach|im) (?:\w+ ?){0,3}(?:abo|registrierung|anmeldung)",
    r"mit (?:\w+ )?abo weiterlesen",
    r"(?:diesen|den ganzen|den vollständigen) artikel (?:jetzt )?(?:freischalten|kaufen|weiterlesen)",
    r"sie haben (?:ihr|alle|ihre) (?:kostenlose[ns]? )?(?:artikel|kontingent)",
    # French
    r"(?:abonnez-vous|s'abonner|inscrivez-vous|connectez-vous|créez un compte|je m'abonne)(?: dès "
    r"maintenant| maintenant| à partir de [^.]{1,20})?(?: pour| et|,)? (?:continuer (?:la|votre|sa|à) "
    r"lecture|lire (?:la suite|l'intégralité|la totalité|l'article|cet article|tous)|poursuivre|accéder|"
    r"continuer à lire|débloquer|découvrir la suite|profiter de l'intégralité)",
    r"(?:article|contenu|suite|la suite (?:de cet article|est))(?: \w+){0,3} (?:est )?(?:réservée?s?|"
    r"exclusi\w+|accessibles?)(?: uniquement| exclusivement)? (?:à|aux) (?:\w+ )?abonné",
    r"il vous reste [\d.,]+ ?% (?:de|à)|réservé (?:à nos|aux) abonnés",
    r"(?:vous avez|vous avez déjà) (?:atteint|lu) (?:votre|tous|vos|la limite) (?:\w+ )"
    r"{0,4}(?:articles?|gratuit)",
    r"pour lire la suite|déjà abonné ?\?.{0,40}pour lire",
    # Spanish
    r"(?:suscríbete|suscríbase|regístrate|hazte (?:socio|suscriptor|premium)|suscribirse|abónate)(?: ya|"
    r" ahora| gratis| hoy)?(?: para| y)? (?:seguir leyendo|continúa|sigue leyendo|leer (?:el|la|este|"
    r"más|sin)|continuar leyendo|acceder|disfrut|ver (?:el|la) (?:resto|contenido))",
    r"(?:contenido|artículo|noticia|reportaje)(?: \w+){0,2} (?:es )?(?:exclusiv\w+|sol\w+|reservad\w+|"
    r"únicamente)(?: \w+)? (?:para|a) (?:\w+ )?(?:suscriptor|abonad|socio|usuarios registrad)",
    r"para (?:seguir|continuar) leyendo",
    r"(?:has|ha) (?:alcanzado|agotado|superado) (?:el|su|tu|los) (?:límite|artículos)",
    r"exclusivo (?:para )?suscriptores",
    # Italian, Portuguese, Dutch, Nordic, Polish
    r"(?:abbonati|registrati)(?: ora| subito)?(?: per| e) (?:continuare a leggere|leggere|proseguire|"
    r"sbloccare|continua)",
    r"(?:contenuto|articolo) (?:\w+ )?(?:riservato|esclusivo|per soli)(?: \w+)? (?:agli|per|ai) (?:\w+ )"
    r"?abbonat",
    r"per continuare a leggere",
    r"(?:assine|cadastre-se|seja assinante|torne-se assinante)(?: já| agora| grátis)?(?: para| e) "
    r"(?:continu\w+|ler|ter acesso|acess\w+)",
    r"(?:conteúdo|matéria|reportagem|artigo) (?:\w+ )?(?:exclusiv\w|restrit\w|reservad\w) (?:para|a|aos)"
    r" (?:\w+ )?assinante",
    r"para continuar (?:lendo|a ler)",
    r"(?:abonneer|neem een abonnement|word (?:lid|abonnee)|log in)(?: nu| je)?(?: om| en) (?:verder te "
    r"lezen|door te lezen|lees|dit artikel|het hele)",
    r"(?:alleen|exclusief) voor (?:\w+ )?abonnees|verder lezen\? |om verder te lezen",
    r"(?:bli|kjøp|køb|teckna) \w+ (?:for å|för att|for at) læse?",
    r"(?:for|kun for|bara för|endast för) (?:abonnenter|prenumeranter)",
    r"dostęp (?:tylko )?dla (?:prenumeratorów|subskrybentów)|aby czytać dalej",
    r"(?:оформите|купите) подписку,? чтобы|(?:материал|статья) доступ\w+ только подписчикам",
    r"(?:订阅|订购)(?:后)?(?:继续|阅读全文)|付费(?:后)?阅读|会員限定|有料会員|この記事は(?:有料|会員)|続きを読むには",
)
"""What stands where an article is cut."""

ALREADY_TEXT = _words(
    r"already (?:a |an )?(?:\w+ )?(?:subscriber|member|subscribed)",
    r"(?:bereits|schon) (?:abonnent|ein abo|\w*-abo)|déjà abonné|ya eres (?:suscriptor|socio)",
    r"sei già abbonat|já é assinante|al abonnee",
)
CALL_TEXT = re.compile(
    r"^(?:subscribe|abonnieren|jetzt abonnieren|s'abonner|je m'abonne|suscr[ií]b|abbonati|assine|abonneer"
    r"|get (?:full )?access)"
)
"""Two lines that a paywall's box has when its own words are others."""

ACCOUNT_TEXT = _words(
    r"(?:sign|log) ?(?:in|up)\b|register|free account|an account|anmeld|registrier|einlogg|kostenlos",
    r"connectez|inscri(?:vez|re)|compte|inicia|regístra|cuenta|registrati|accedi|cadastr|login|conta\b",
    r"account",
)
PAYING_TEXT = _words(
    r"subscri|member|premium|trial|\bpay|\bbuy|upgrade|\$|€|£|\babo\b|abonn|kauf|plus\b|suscri|abbona",
    r"assin",
)
"""What costs money, and what only a name: a wall that asks for no more than an account is a login wall."""

SUBSCRIBE_TEXT = _words(
    r"subscri(?:be|ption|ber)|\bunlock|free trial|become a member|members?\b|sign in|log in|premium",
    r"\babo\b|abonn|suscri|abbona|assin(?:e|ante|atura)|prenumer|подписк|订阅|会員|購読",
)
"""What the box of a paywall speaks of."""

CONSENT_TEXT = _words(
    r"\bcookies?\b|\bconsent|\baccept|\breject|\bagree|privacy|personal data|legitimate interest",
    r"(?:our|and) (?:\d+ )?partners",
    r"vendors|tracking|advertis|personali[sz]ed|gdpr|\bdata\b",
    r"datenschutz|einwillig|zustimm|personenbezogen|werbung|verarbeit|endgerät|partner|\bdaten\b",
    r"akzeptier",
    r"confidentialité|consentement|données|partenaires|publicité|traceurs|privacidad|consentimiento",
    r"datos|socios|publicidad|aceptar",
    r"dati personali|consenso|pubblicità|dados|consentimento|parceiros|publicidade|gegevens|toestemming",
    r"advertenties|zgod[aęy]|dane|prywatno",
    r"файлы cookie|согласие|персональн|クッキー|プライバシー|隐私|同意|개인정보",
)
"""What the lines of a consent dialog are about."""

CONSENT_ASK = _words(
    r"\b(?:we|site|sites|website|page|partners|us)\b.{0,80}\b(?:use|uses|using|store|process|set)"
    r"\b.{0,80}\b(?:cookies|data|technologies)\b",
    r"(?:accept|agree|consent|allow)\w*\b.{0,30}\b(?:cookies|processing|data|tracking)",
    r"your (?:consent|agreement)|(?:cookies|privacy|tracking).{0,60}do you (?:accept|agree)",
    r"(?:verwend|nutz|verarbeit|speicher)\w*.{0,80}(?:cookies|daten)",
    r"(?:cookies|daten|werbung).{0,80}(?:verwend|nutz|zu\b|zustimm|einwillig)",
    r"(?:ihre|deine) (?:zustimmung|einwilligung)",
    r"(?:utilis|trait|stock)\w*.{0,80}(?:cookies|données|traceurs)|votre (?:consentement|accord)",
    r"(?:utiliz|trata|almacen)\w*.{0,80}(?:cookies|datos)|acepta\w* .{0,20}cookies",
    r"(?:tu|su) consentimiento",
    r"(?:utilizz|tratt)\w*.{0,80}(?:cookie|dati)|(?:usamos|utilizamos).{0,80}(?:cookies|dados)",
    r"(?:gebruik\w*|plaats\w*).{0,80}cookies|(?:używa|wykorzyst)\w*.{0,80}(?:cookies|plik)",
)
"""How one is asked for consent."""

ACCEPT_BUTTON = re.compile(
    r"^(?:(?:yes,? )?(?:i )?(?:accept|agree|consent|allow)\b.{0,40}|(?:got it|ok(?:ay)?).{0,15}|accept "
    r"all.{0,30}|(?:alle(?:s)? |ich )?(?:akzeptieren|zustimmen|annehmen|stimme zu|einverstanden|"
    r"erlauben)\b.{0,30}|(?:alle|allen|ich) .{0,20}(?:akzeptieren|zustimmen|stimme zu).{0,20}|"
    r"akzeptieren und .{0,20}|einwilligen.{0,20}|(?:tout |j'|oui, j')?(?:accept(?:e|er|ez)|autoris)"
    r".{0,30}|ok,? (?:tout )?accept.{0,20}|(?:acept(?:o|ar)|de acuerdo|permitir|consentir).{0,30}|"
    r"(?:sí, )?acepto.{0,20}|accett[ao].{0,30}|aceit(?:o|ar).{0,30}|(?:alles )?(?:accepteren|akkoord|"
    r"toestaan).{0,30}|godk[eä]nn.{0,30}|akceptuj.{0,30}|(?:alle )?(?:accepter|tillad).{0,30}|"
    r"принять.{0,20}|(?:全部)?(?:接受|同意).{0,10}|同意(?:する|して).{0,10}|동의.{0,10})$"
)
"""How one says yes to a consent dialog."""

CONSENT_TITLE = _words(
    r"before you continue|your (?:privacy|data)(?: choices)?",
    r"we (?:value|care about|respect) your privacy|privacy (?:settings|preferences|choices|gate)",
    r"cookie (?:consent|preferences|settings|wall)|we need your consent|asks? for your consent",
    r"consent (?:required|needed)|accept (?:our )?cookies to (?:continue|proceed|access|view)",
    r"bevor sie (?:fortfahren|weiter|zu)|bevor du (?:fortfährst|weiter|zu)",
    r"(?:ihre|deine) (?:privatsphäre|daten|einwilligung|zustimmung)",
    r"datenschutz-?(?:einstellungen|präferenzen)|cookie-?(?:einstellungen|zustimmung|hinweis)",
    r"mit werbung (?:weiter|nutzen|lesen)|weiter mit werbung|zustimmung erforderlich",
    r"avant (?:d'accéder|de continuer)|(?:votre|respect de votre) vie privée|vos (?:données|choix)",
    r"gestion des cookies|nous avons besoin de votre (?:accord|consentement)|continuer sans accepter",
    r"antes de (?:ir|continuar)|(?:tu|su) privacidad|valoramos (?:tu|su) privacidad",
    r"configuración de (?:las )?cookies|(?:necesitamos|solicitamos) (?:tu|su) consentimiento",
    r"prima di (?:continuare|procedere)|la tua privacy|antes de continuar|sua privacidade",
    r"voordat (?:je|u) (?:verdergaat|doorgaat)|(?:jouw|uw|je) privacy|twoj[ae] prywatno",
)
"""Titles and headings of consent pages."""

CONSENT_ROOT = re.compile(
    r"\b(?:usercentrics-root|sp_message_(?:container|iframe)|didomi-host|onetrust-consent-sdk|"
    r"qc-cmp2-container|cmpwrapper|uc-cmp-container)",
    re.I,
)
"""Elements whose dialog may be in a frame or a shadow root, where its words cannot be seen."""

# Names of boxes, in lower case. Every alternative begins with a letter: Python's engine skips what cannot
# begin any, and a page takes a fifth of the time. `(?<!\w.)` after the first letter is its `\b`.
CONSENT_BOX = re.compile(
    r"onetrust|o(?<!\w.)t-sdk|d(?<!\w.)idomi|usercentrics|uc-banner|sp_message|qc-cmp|cybot|cookiebot|fc-consent|fc-dialog"
    r"|truste|trustarc|cmpbox|cmpwrapper|iubenda|osano|cookie-law|cookielaw|c(?<!\w.)ky-|k(?<!\w.)laro\b|cmplz|sd-cmp|appconsent"
    r"|tarteaucitron|axeptio|evidon|borlabs|termly|cc-window|cookie-?(?:consent|banner|notice|wall|dialog|modal"
    r"|popup|overlay|layer|bar)|consent-?(?:banner|dialog|modal|wall|layer|popup|overlay|form)|gdpr-?(?:banner|consent|modal|popup|dialog|wall|overlay)"
)
PAYWALL_BOX = re.compile(
    r"(?:pay|reg|subscription|subscriber|premium|member|meter)-?_?walls?(?![a-z])|paywall|article-?gate|content-?gate"
    r"|gated-?content|locked-?content|premium-?(?:content-?)?(?:lock|teaser|overlay|offer)|subscri(?:ption|be|ber)-?(?:wall|offer|"
    r"required|prompt|overlay|only|lock)|piano-(?:offer|inline|container|template)|t(?<!\w.)p-(?:container|modal|iframe)"
    r"|bloque-?suscri|paid-?content|poool"
)
POPUP = re.compile(r"m(?<!\w.)odal|p(?<!\w.)op-?up|l(?<!\w.)ightbox|d(?<!\w.)ialog")

CONSENT_HOST = re.compile(
    r"^(?:consents?|guce|cmp|privacy-?(?:gate|mgmt)?|myprivacy|cookiewall|cookies?)\.", re.I
)
CONSENT_PATH = re.compile(
    r"/(?:cookie-?(?:wall|consent|gate)|privacy-?(?:gate|wall)|collectconsent|consent(?:-?wall)?|cmp)"
    r"(?=[/?#.]|$)",
    re.I,
)

MISSING = re.compile(
    r"^(?:(?:error |fehler |erreur )?404\b.{0,60}|.{0,40}\b404(?: error)?|(?:sorry,? |oops[!,.]* ?)"
    r"?(?:this |the |that )?page (?:you (?:requested|are looking for|were looking for) )?(?:was |could |"
    r"can ?not |couldn't |can't |is |isn't |not |does(?:n't| not) |be )*(?:not found|be found|found|"
    r"exist|exists|available)\b.{0,40}|(?:die )?seite (?:wurde |konnte )?(?:leider )?nicht "
    r"gefunden\b.{0,40}|(?:la )?page (?:demandée )?(?:est )?(?:introuvable|non trouvée|inexistante|"
    r"n'existe pas)\b.{0,40}|(?:la )?página (?:no encontrada|no existe|não encontrada|no disponible)"
    r"\b.{0,40}|pagina non trovata\b.{0,40}|pagina niet gevonden\b.{0,40}|not found|nicht gefunden|"
    r"страница не найдена|页面不存在|找不到页面|ページが見つかりません.{0,20})$"
)
"""Titles and headings of pages that are not there, whatever their status says."""
