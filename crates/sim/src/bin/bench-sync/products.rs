//! A large shop, the same each time.

use std::{fs::File, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use testkit::{
    program::Program,
    server::{TestServer, command, demo_shop},
};

/// How long an import may take.
const LIMIT: Duration = Duration::from_mins(10);
/// Products of the demo shop.
const IN_DEMO_SHOP: usize = 110;
/// Words that make one garment many.
const LINES: [&str; 24] = [
    "Harbour", "Monsoon", "Saffron", "Copper", "Lantern", "Meadow", "Granite", "Willow", "Juniper", "Cinder", "Marigold",
    "Heron", "Orchard", "Pepper", "Quartz", "Ravine", "Sparrow", "Teak", "Velvet", "Walnut", "Amber", "Bramble", "Cedar",
    "Drift",
];

/// A server with the demo shop and so many products in all.
pub fn shop(folder: &Path, products: usize) -> Result<TestServer> {
    let mut server = TestServer::prepare()?;
    let more = folder.join("products");
    write_some(&more, products.saturating_sub(IN_DEMO_SHOP), 0)?;
    import(&server, &more)?;
    server.serve()?;
    Ok(server)
}

/// Has the server take a folder in.
pub fn import(server: &TestServer, folder: &Path) -> Result<()> {
    let mut command = command(server.data())?;
    command.arg("import").arg(folder);
    let ended = Program::run(command, LIMIT)?;
    ensure!(ended.status.success(), "the import failed:\n{}", ended.said);
    Ok(())
}

/// Number `number` of the products that are not of the demo shop.
pub fn sku(number: usize) -> String {
    format!("LOT-{number:06}")
}

/// Writes the first `count` of them. Every product's name is one of the demo shop's with a word before it.
pub fn write_some(folder: &Path, count: usize, raised_by: i64) -> Result<()> {
    let mut file = csv::Reader::from_path(demo_shop().join("products.csv"))?;
    let columns = file.headers()?.clone();
    let patterns: Vec<csv::StringRecord> = file.records().collect::<Result<_, _>>()?;
    let column = |name: &str| columns.iter().position(|column| column == name).with_context(|| format!("no column {name}"));
    let (sku_at, name_at, price_at) = (column("sku")?, column("name")?, column("price")?);
    std::fs::create_dir_all(folder)?;
    let mut table = csv::Writer::from_writer(File::create(folder.join("products.csv"))?);
    let mut stock = csv::Writer::from_writer(File::create(folder.join("inventory.csv"))?);
    table.write_record(&columns)?;
    stock.write_record(["sku", "location", "quantity"])?;
    for number in 0..count {
        let pattern = &patterns[number % patterns.len()];
        let line = LINES[number / patterns.len() % LINES.len()];
        let price: f64 = pattern[price_at].parse()?;
        let raised = price + f64::from(u32::try_from(number % 50)?) * 10.0 + f64::from(i32::try_from(raised_by)?);
        let row = pattern.iter().enumerate().map(|(place, value)| match place {
            _ if place == sku_at => sku(number),
            _ if place == name_at => format!("{line} {value}"),
            _ if place == price_at => format!("{raised:.1}"),
            _ => value.to_owned(),
        });
        table.write_record(row)?;
        for (location, pieces) in [("online", number % 40), ("store:S01", number % 7)] {
            stock.write_record([sku(number).as_str(), location, &pieces.to_string()])?;
        }
    }
    table.flush()?;
    stock.flush()?;
    Ok(())
}
