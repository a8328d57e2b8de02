//! What stands in a mail, in the languages of the phone page.

use protocol::shop::Locale;
use server_store::records::TokenPurpose;

/// A mail, before it is put into an envelope.
pub(super) struct Letter {
    pub(super) subject: String,
    /// Of its words.
    pub(super) language: &'static str,
    direction: &'static str,
    link: String,
    words: Words,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("language", &self.language).finish_non_exhaustive()
    }
}

/// The sentences of one purpose in one language; `{shop}` stands for the shop's name.
#[derive(Clone, Copy)]
struct Words {
    subject: &'static str,
    why: &'static str,
    button: &'static str,
    life: &'static str,
    not_you: &'static str,
    /// The shop of which nobody told the name.
    shop: &'static str,
}

impl Letter {
    pub(super) fn new(purpose: TokenPurpose, locale: Locale, shop: &str, link: &str) -> Self {
        let words = words(purpose, locale);
        let shop = shop.split_whitespace().collect::<Vec<_>>().join(" ");
        let shop = if shop.is_empty() { words.shop.to_owned() } else { shop };
        let (language, direction) = match locale {
            Locale::En => ("en", "ltr"),
            Locale::Hi => ("hi", "ltr"),
            Locale::Es => ("es", "ltr"),
            Locale::Ar => ("ar", "rtl"),
        };
        Self { subject: words.subject.replace("{shop}", &shop), language, direction, link: link.to_owned(), words }
    }

    pub(super) fn plain(&self) -> String {
        let Words { why, life, not_you, .. } = self.words;
        format!("{}\n\n{why}\n\n{}\n\n{life}\n\n{not_you}\n", self.subject, self.link)
    }

    /// The same for eyes; nothing in it is loaded from anywhere, so nobody learns that it was read.
    pub(super) fn html(&self) -> String {
        let Words { why, button, life, not_you, .. } = self.words;
        let (subject, link) = (escape(&self.subject), escape(&self.link));
        let (language, direction) = (self.language, self.direction);
        format!(
            "<!doctype html><html lang=\"{language}\" dir=\"{direction}\"><head><meta charset=\"utf-8\"><title>{subject}</title></head>\
             <body style=\"margin:0;padding:24px;background:#faf7f0;color:#1c1b19;font:17px/1.5 system-ui,sans-serif\">\
             <div style=\"max-width:32em;margin:0 auto\"><h1 style=\"font-size:22px;line-height:1.3\">{subject}</h1><p>{why}</p>\
             <p><a href=\"{link}\" style=\"display:inline-block;padding:14px 22px;border-radius:12px;background:#1c1b19;color:#ffffff;text-decoration:none\">{button}</a></p>\
             <p style=\"word-break:break-all\">{link}</p><p>{life}</p><p>{not_you}</p></div></body></html>"
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const fn words(purpose: TokenPurpose, locale: Locale) -> Words {
    match (purpose, locale) {
        (TokenPurpose::ResetPassword, Locale::En) => Words {
            subject: "{shop}: choose a new password",
            why: "Somebody asked for a new password for the account with this address. If that was you, open this link:",
            button: "Choose a new password",
            life: "The link works for 30 minutes, and once.",
            not_you: "If it was not you, do nothing; your password stays as it is.",
            shop: "The shop",
        },
        (TokenPurpose::VerifyEmail, Locale::En) => Words {
            subject: "{shop}: is this your address?",
            why: "Somebody gave this address for an account. If that was you, open this link to confirm it:",
            button: "Confirm this address",
            life: "The link works for 24 hours, and once.",
            not_you: "If it was not you, do nothing; the address is then not used.",
            shop: "The shop",
        },
        (TokenPurpose::ResetPassword, Locale::Es) => Words {
            subject: "{shop}: elige una contraseña nueva",
            why: "Alguien pidió una contraseña nueva para la cuenta con esta dirección. Si has sido tú, abre este enlace:",
            button: "Elegir una contraseña nueva",
            life: "El enlace funciona durante 30 minutos y una sola vez.",
            not_you: "Si no has sido tú, no hagas nada; tu contraseña no cambia.",
            shop: "La tienda",
        },
        (TokenPurpose::VerifyEmail, Locale::Es) => Words {
            subject: "{shop}: ¿es esta tu dirección?",
            why: "Alguien dio esta dirección para una cuenta. Si has sido tú, abre este enlace para confirmarla:",
            button: "Confirmar esta dirección",
            life: "El enlace funciona durante 24 horas y una sola vez.",
            not_you: "Si no has sido tú, no hagas nada; la dirección no se usará.",
            shop: "La tienda",
        },
        (TokenPurpose::ResetPassword, Locale::Hi) => Words {
            subject: "{shop}: नया पासवर्ड चुनें",
            why: "किसी ने इस पते वाले खाते के लिए नया पासवर्ड माँगा है। अगर वह आप थे, तो यह लिंक खोलें:",
            button: "नया पासवर्ड चुनें",
            life: "यह लिंक 30 मिनट तक और एक ही बार काम करता है।",
            not_you: "अगर वह आप नहीं थे, तो कुछ न करें; आपका पासवर्ड वही रहेगा।",
            shop: "दुकान",
        },
        (TokenPurpose::VerifyEmail, Locale::Hi) => Words {
            subject: "{shop}: क्या यह आपका पता है?",
            why: "किसी ने एक खाते के लिए यह पता दिया है। अगर वह आप थे, तो पुष्टि के लिए यह लिंक खोलें:",
            button: "इस पते की पुष्टि करें",
            life: "यह लिंक 24 घंटे तक और एक ही बार काम करता है।",
            not_you: "अगर वह आप नहीं थे, तो कुछ न करें; तब यह पता काम में नहीं लिया जाएगा।",
            shop: "दुकान",
        },
        (TokenPurpose::ResetPassword, Locale::Ar) => Words {
            subject: "{shop}: اختر كلمة مرور جديدة",
            why: "طلب أحدهم كلمة مرور جديدة للحساب المرتبط بهذا العنوان. إن كنت أنت من طلبها فافتح هذا الرابط:",
            button: "اختيار كلمة مرور جديدة",
            life: "يعمل الرابط لمدة 30 دقيقة ولمرة واحدة.",
            not_you: "إن لم تكن أنت فلا تفعل شيئًا؛ تبقى كلمة مرورك كما هي.",
            shop: "المتجر",
        },
        (TokenPurpose::VerifyEmail, Locale::Ar) => Words {
            subject: "{shop}: هل هذا عنوانك؟",
            why: "أعطى أحدهم هذا العنوان لحساب. إن كنت أنت فافتح هذا الرابط لتأكيده:",
            button: "تأكيد هذا العنوان",
            life: "يعمل الرابط لمدة 24 ساعة ولمرة واحدة.",
            not_you: "إن لم تكن أنت فلا تفعل شيئًا؛ لن يُستخدم العنوان.",
            shop: "المتجر",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_in_words_and_for_eyes() {
        let link = "https://shop.example/account/reset#token=abc-_1";
        for purpose in [TokenPurpose::ResetPassword, TokenPurpose::VerifyEmail] {
            for locale in [Locale::En, Locale::Es, Locale::Hi, Locale::Ar] {
                let letter = Letter::new(purpose, locale, "Maren & Co", link);
                assert!(letter.subject.contains("Maren & Co"));
                let (plain, html) = (letter.plain(), letter.html());
                assert!(plain.contains(link) && html.contains(&format!("href=\"{link}\"")), "{plain}");
                assert!(html.contains("Maren &amp; Co") && !html.contains("src=") && !html.contains("http://"), "{html}");
                for sentence in [letter.words.why, letter.words.life, letter.words.not_you] {
                    assert!(plain.contains(sentence) && html.contains(sentence));
                }
            }
        }
    }

    #[test]
    fn a_shops_name_changes_nothing_but_the_name() {
        let letter = Letter::new(TokenPurpose::ResetPassword, Locale::En, "A\r\nBcc: all@shop.example <b>", "l");
        assert_eq!(letter.subject, "A Bcc: all@shop.example <b>: choose a new password");
        assert!(!letter.html().contains("<b>"));
        assert!(Letter::new(TokenPurpose::ResetPassword, Locale::Es, " ", "l").subject.starts_with("La tienda:"));
    }
}
