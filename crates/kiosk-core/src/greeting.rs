//! What the voice says first.

use protocol::{shop::Locale, view::Who};

pub(crate) fn greeting(locale: Locale, who: &Who, shop: &str) -> String {
    match who {
        Who::Customer { first_name, .. } => match locale {
            Locale::En => format!("Hello {first_name}, welcome back. Let's go on where you left off."),
            Locale::Hi => format!("नमस्ते {first_name}, फिर से स्वागत है। आइए वहीं से आगे बढ़ें जहाँ आपने छोड़ा था।"),
            Locale::Es => format!("Hola {first_name}, qué bueno verte de nuevo. Sigamos donde lo dejaste."),
            Locale::Ar => format!("مرحبًا {first_name}، أهلًا بعودتك. لنكمل من حيث توقفت."),
        },
        Who::Guest => match locale {
            Locale::En => format!("Welcome to {shop}. What are you looking for today?"),
            Locale::Hi => format!("{shop} में आपका स्वागत है। आज आप क्या ढूँढ रहे हैं?"),
            Locale::Es => format!("Bienvenido a {shop}. ¿Qué buscas hoy?"),
            Locale::Ar => format!("أهلًا بك في {shop}. عمّ تبحث اليوم؟"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_the_customer_or_the_shop() {
        let customer = Who::Customer { first_name: "Asha".into(), loyalty_tier: "Gold".into(), loyalty_points: 1 };
        for locale in [Locale::En, Locale::Hi, Locale::Es, Locale::Ar] {
            assert!(greeting(locale, &customer, "Saffron").contains("Asha"));
            assert!(greeting(locale, &Who::Guest, "Saffron").contains("Saffron"));
        }
    }
}
