//! The drawings: one file for every kind of garment.

mod backpack;
mod belt;
mod blazer;
pub mod blouse;
pub mod boot;
mod cap;
mod cloth;
pub mod coat;
pub mod derby;
mod detail;
pub mod dress;
mod dye;
mod handbag;
pub mod hoodie;
mod jeans;
pub mod kurta;
mod lapel;
mod quilted_jacket;
mod rain_jacket;
pub mod sandal;
mod scarf;
pub mod shirt;
pub mod skirt;
pub mod sneaker;
pub mod sweater;
pub mod t_shirt;
mod torso;
mod tote;
pub mod trousers;
mod weave;

use crate::colour::Rgb;
use crate::svg::Svg;

/// What a cloth looks like at arm's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloth {
    /// Smooth.
    Plain,
    /// Diagonal weave of denim, chino and gabardine.
    Twill,
    /// Uneven linen yarn.
    Linen,
    /// Ribbed knit.
    Rib,
    /// Stocking stitch.
    Knit,
    /// Broad cross stripes in the second colour.
    Stripe,
    /// Fine upright stripes in the second colour.
    Pinstripe,
    /// A check with the second colour.
    Check,
    /// Herringbone wool.
    Herringbone,
    /// Dots in the second colour.
    Dots,
    /// Hand-block print in the second colour.
    Block,
    /// A flower print in the second colour.
    Floral,
    /// Corduroy.
    Corduroy,
}

/// The colours and the cloth of one product.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The colour of the garment.
    pub colour: Rgb,
    /// The second colour: stripes, print, lining, sole or strap.
    pub trim: Rgb,
    /// The cloth.
    pub cloth: Cloth,
}

/// A kind of garment and how it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garment {
    /// T-shirt.
    TShirt(t_shirt::Neck),
    /// Shirt.
    Shirt(shirt::Cut),
    /// Kurta.
    Kurta(kurta::Cut),
    /// Blouse.
    Blouse(blouse::Neck),
    /// Sweater or cardigan.
    Sweater(sweater::Cut),
    /// Hoodie.
    Hoodie(hoodie::Front),
    /// Quilted jacket.
    QuiltedJacket,
    /// Waterproof jacket.
    RainJacket,
    /// Blazer.
    Blazer,
    /// Overcoat or trench coat.
    Coat(coat::Cut),
    /// Dress.
    Dress(dress::Cut),
    /// Skirt.
    Skirt(skirt::Cut),
    /// Trousers, jeans or shorts.
    Trousers(trousers::Cut),
    /// Sneakers.
    Sneaker(sneaker::Kind),
    /// Derby shoes or loafers.
    Derby(derby::Kind),
    /// Boots.
    Boot(boot::Kind),
    /// Sandals.
    Sandal(sandal::Kind),
    /// Tote bag.
    Tote,
    /// Handbag.
    Handbag,
    /// Backpack.
    Backpack,
    /// Scarf.
    Scarf,
    /// Cap.
    Cap,
    /// Belt.
    Belt,
}

/// The picture of the product with this number in its SKU.
#[must_use]
pub fn picture(sku: u32, garment: Garment, look: Look) -> String {
    let mut svg = Svg::new(sku);
    match garment {
        Garment::TShirt(neck) => t_shirt::draw(&mut svg, look, neck),
        Garment::Shirt(cut) => shirt::draw(&mut svg, look, cut),
        Garment::Kurta(cut) => kurta::draw(&mut svg, look, cut),
        Garment::Blouse(neck) => blouse::draw(&mut svg, look, neck),
        Garment::Sweater(cut) => sweater::draw(&mut svg, look, cut),
        Garment::Hoodie(front) => hoodie::draw(&mut svg, look, front),
        Garment::QuiltedJacket => quilted_jacket::draw(&mut svg, look),
        Garment::RainJacket => rain_jacket::draw(&mut svg, look),
        Garment::Blazer => blazer::draw(&mut svg, look),
        Garment::Coat(cut) => coat::draw(&mut svg, look, cut),
        Garment::Dress(cut) => dress::draw(&mut svg, look, cut),
        Garment::Skirt(cut) => skirt::draw(&mut svg, look, cut),
        Garment::Trousers(cut) => trousers::draw(&mut svg, look, cut),
        Garment::Sneaker(kind) => sneaker::draw(&mut svg, look, kind),
        Garment::Derby(kind) => derby::draw(&mut svg, look, kind),
        Garment::Boot(kind) => boot::draw(&mut svg, look, kind),
        Garment::Sandal(kind) => sandal::draw(&mut svg, look, kind),
        Garment::Tote => tote::draw(&mut svg, look),
        Garment::Handbag => handbag::draw(&mut svg, look),
        Garment::Backpack => backpack::draw(&mut svg, look),
        Garment::Scarf => scarf::draw(&mut svg, look),
        Garment::Cap => cap::draw(&mut svg, look),
        Garment::Belt => belt::draw(&mut svg, look),
    }
    svg.finish()
}
