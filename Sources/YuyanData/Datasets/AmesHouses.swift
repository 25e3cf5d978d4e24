import CDatasets
import YuyanCore

/// The 2930 houses that were sold in Ames, Iowa, from 2006 to 2010, with their prices. They are inside the library.
///
///     let houses = try HousePrices(AmesHouses.table(), target: "Sale_Price")
///
/// Each row has 74 columns, 34 of numbers and 40 of text, and no value is missing: what a house does not have is a category
/// of its own, such as `No_Pool`. Areas are in square feet, prices (`Sale_Price`) in dollars.
/// Source: De Cock, Ames, Iowa: Alternative to the Boston housing data as an end of semester regression project (2011), as
/// in the R package modeldata 1.1.0, under the MIT licence.
public enum AmesHouses {
    /// Reads the table.
    public static func table() -> Table {
        let name = "ames.csv.gz"
        do {
            let bytes = [UInt8](UnsafeBufferPointer(start: yuyan_ames_bytes(), count: yuyan_ames_count()))
            let text = String(decoding: try Gzip.decompress(bytes, path: name), as: UTF8.self)
            return try Table(csv: text, source: name)
        } catch {
            failure("AmesHouses: the table inside the library is damaged: \(error)")
        }
    }
}
