use std::{collections::BTreeMap, path::Path};

use csv::ByteRecord;

use super::report::{FileReport, Refusal};

/// A CSV file: its columns, and the rows that can be read.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
    refused: Vec<Refusal>,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// As a spreadsheet counts.
    pub(super) number: u64,
    columns: &'a [String],
    fields: &'a [String],
}

impl Table {
    /// Reads a file of a shop's folder.
    ///
    /// # Errors
    /// None where there is no such file; else its report, which says why it cannot be read.
    pub(super) fn open(dir: &Path, file: &str, needs: &[&[&str]]) -> Result<Self, Option<FileReport>> {
        let path = dir.join(file);
        if !path.exists() {
            return Err(None);
        }
        Self::read(&path, needs).map_err(|problem| Some(FileReport::unreadable(file, problem)))
    }

    /// Reads a file. Of each of `needs`, one name must stand in the header; case does not matter.
    ///
    /// # Errors
    /// The file cannot be read, or lacks columns; the sentence says which.
    pub(super) fn read(path: &Path, needs: &[&[&str]]) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{error}; check the file and its owner"))?;
        Self::parse(&bytes, needs)
    }

    /// As [`Table::read`], of the file's bytes.
    pub(super) fn parse(bytes: &[u8], needs: &[&[&str]]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first_line = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
        // Spreadsheets of countries with a decimal comma divide by semicolons.
        let delimiter = if !first_line.contains(&b',') && first_line.contains(&b';') { b';' } else { b',' };
        let numbers = row_numbers(bytes, delimiter);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let mut records = reader.byte_records().zip(numbers);
        let header = records.next().and_then(|(record, _)| record.ok()).unwrap_or_default();
        let columns: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let missing: Vec<String> =
            needs.iter().filter(|names| place(&columns, names).is_none()).map(|names| names.join(" or ")).collect();
        if !missing.is_empty() {
            let all: Vec<String> = needs.iter().map(|names| names.join(" or ")).collect();
            return Err(format!("the first row must name the columns {}; missing: {}", all.join(", "), missing.join(", ")));
        }

        let mut table = Self { columns, rows: Vec::new(), refused: Vec::new() };
        for (record, number) in records {
            match record.map_err(|error| error.to_string()).and_then(|record| texts(&record, table.columns.len())) {
                Ok(fields) if fields.iter().all(|field| field.trim().is_empty()) => {}
                Ok(fields) => table.rows.push((number, fields)),
                Err(reason) => table.refused.push(Refusal { row: number, reason }),
            }
        }
        Ok(table)
    }

    /// The rows that can be read.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(number, fields)| Row { number: *number, columns: &self.columns, fields })
    }

    /// Makes something of each row; rows that cannot be read go into the report.
    pub(super) fn collect<T>(
        &self,
        report: &mut FileReport,
        mut make: impl FnMut(Row<'_>) -> Result<T, String>,
    ) -> Vec<(u64, T)> {
        report.refused.extend(self.refused.iter().cloned());
        let mut taken = Vec::with_capacity(self.rows.len());
        for row in self.rows() {
            match make(row) {
                Ok(one) => taken.push((row.number, one)),
                Err(reason) => report.refuse(row.number, reason),
            }
        }
        taken
    }
}

impl<'a> Row<'a> {
    /// The text in the first of these columns that is there; none where it is blank.
    pub(super) fn text(&self, names: &[&str]) -> Option<&'a str> {
        let place = place(self.columns, names)?;
        self.fields.get(place).map(|field| field.trim()).filter(|field| !field.is_empty())
    }

    /// As [`Row::text`], refused where it is blank.
    pub(super) fn required(&self, names: &[&str]) -> Result<&'a str, String> {
        self.text(names).ok_or_else(|| format!("{} is empty", names.join(" or ")))
    }

    /// A whole number; spreadsheets may have written it as `29.0`.
    pub(super) fn whole(&self, names: &[&str]) -> Result<Option<i64>, String> {
        let Some(text) = self.text(names) else { return Ok(None) };
        let digits = text
            .split_once('.')
            .filter(|(_, fraction)| fraction.bytes().all(|byte| byte == b'0'))
            .map_or(text, |(whole, _)| whole);
        digits.parse().map(Some).map_err(|_| format!("{} must be a whole number, not \"{}\"", names.join(" or "), short(text)))
    }

    /// As [`Row::whole`], from 0 up; blank is 0.
    pub(super) fn count(&self, names: &[&str]) -> Result<i64, String> {
        let number = self.whole(names)?.unwrap_or_default();
        if number < 0 { Err(format!("{} must not be negative", names.join(" or "))) } else { Ok(number) }
    }

    /// A number from 0 to 5.
    pub(super) fn rating(&self, names: &[&str]) -> Result<Option<f64>, String> {
        let Some(text) = self.text(names) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (0.0..=5.0).contains(number));
        number.map(Some).ok_or_else(|| format!("{} must be a number from 0 to 5, not \"{}\"", names.join(" or "), short(text)))
    }

    /// Every column that is not one of `known` and not blank.
    pub(super) fn others(&self, known: &[&str]) -> BTreeMap<String, String> {
        let named = self.columns.iter().zip(self.fields);
        let others = named.filter(|(name, field)| {
            !name.is_empty() && !field.trim().is_empty() && !known.iter().any(|known| known.eq_ignore_ascii_case(name))
        });
        others.map(|(name, field)| (name.clone(), field.trim().to_owned())).collect()
    }
}

/// The beginning of a text, for a sentence about it.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

fn place(columns: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

fn texts(record: &ByteRecord, columns: usize) -> Result<Vec<String>, String> {
    // A comma without quotes shifts every later column, so a row of another length is not guessed at.
    if record.len() != columns {
        return Err(format!(
            "the row has {} fields, but the header {columns}; put texts with commas between double quotes",
            record.len()
        ));
    }
    let text = |field: &[u8]| std::str::from_utf8(field).map(str::to_owned);
    record
        .iter()
        .map(text)
        .collect::<Result<_, _>>()
        .map_err(|_| "the row is not UTF-8; save the file as CSV in UTF-8".to_owned())
}

/// The number that a spreadsheet shows for each row with anything in it: line breaks between quotes start no row, empty
/// lines are rows.
fn row_numbers(bytes: &[u8], delimiter: u8) -> Vec<u64> {
    let mut numbers = Vec::new();
    let (mut row, mut empty, mut field_start, mut quoted) = (1, true, true, false);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if quoted {
            if byte == b'"' && rest.next_if_eq(&b'"').is_none() {
                quoted = false;
            }
            continue;
        }
        if matches!(byte, b'\n' | b'\r') {
            if byte == b'\r' {
                rest.next_if_eq(&b'\n');
            }
            if !empty {
                numbers.push(row);
            }
            row += 1;
            (empty, field_start) = (true, true);
            continue;
        }
        quoted = byte == b'"' && field_start;
        field_start = byte == delimiter;
        empty = false;
    }
    if !empty {
        numbers.push(row);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        Table::parse(text.as_bytes(), &[&["a"]]).unwrap().rows
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let text = "a,b\r\n1,\"two\nlines \"\"quoted\"\"\"\r\n\r\n3,\"x\"\n4,in\"ch\n";
        let numbers: Vec<u64> = rows(text).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [2, 4, 5]);
    }

    #[test]
    fn a_byte_order_mark_and_semicolons_are_read() {
        assert_eq!(rows("\u{feff}A;b\n1;2,5\n"), [(2, vec!["1".to_owned(), "2,5".to_owned()])]);
    }

    #[test]
    fn a_wrong_header_says_which_columns_are_needed() {
        let error = Table::parse(b"sku;prize\n", &[&["sku"], &["name", "product_display_name"], &["price"]]).unwrap_err();
        assert_eq!(
            error,
            "the first row must name the columns sku, name or product_display_name, price; missing: name or product_display_name, price"
        );
        assert!(Table::parse(b"", &[&["sku"]]).is_err());
    }

    #[test]
    fn a_row_of_another_length_or_encoding_is_refused_by_its_number() {
        let table = Table::parse(b"a,b\n1,2\n1,2,3\n\xff,2\n5,6\n", &[&["a"]]).unwrap();
        assert_eq!(table.rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(table.refused.iter().map(|refusal| refusal.row).collect::<Vec<_>>(), [3, 4]);
    }
}
