import YuyanCore

extension Table {
    /// All numbers, `[rows, columns]`, float32; booleans are 1 and 0.
    ///
    /// - Throws: `DataError` with the column if one holds text, and with the line if a value is missing.
    public func hostArray() throws(DataError) -> HostArray {
        var elements = [Float](repeating: 0, count: rowCount * columns.count)
        for (index, column) in columns.enumerated() {
            for (row, number) in try numbers(column.name).enumerated() {
                guard let number else {
                    throw failure(
                        "line \(lines[row]), column \(column.name.abbreviated): the value is missing; fill it, "
                            + "or drop the row")
                }
                elements[row * columns.count + index] = Float(number)
            }
        }
        return HostArray(elements, shape: [rowCount, columns.count])
    }

    /// All numbers, `[rows, columns]`, float32, on the current device; see `hostArray()`.
    public func tensor() throws(DataError) -> Tensor { Tensor(try hostArray()) }

    /// The classes in a column: for each row the place of its value among all values of the column.
    ///
    /// - Parameters:
    ///   - name: the column. Numbers and booleans count as what they are written as, such as `1` and `true`.
    ///   - classNames: the values, such as those of the rows to train on; by default those of this column, sorted.
    /// - Returns: the classes, int64 `[rows]` in 0 ..< C, and the C values.
    /// - Throws: `DataError` if there is no such column, or with the line if a value is missing or none of `classNames`.
    public func classes(
        of name: String, classNames: [String]? = nil
    ) throws(DataError) -> (labels: Tensor, classNames: [String]) {
        let texts = try column(name).values.texts
        let classNames = classNames ?? Set(texts.compactMap { $0 }).sorted()
        let places = Dictionary(zip(classNames, classNames.indices), uniquingKeysWith: { first, _ in first })
        var labels: [Int64] = []
        for (row, text) in texts.enumerated() {
            guard let text, let place = places[text] else {
                let fault = text.map { "'\($0.abbreviated)' is none of the \(classNames.count) classes" }
                throw failure(
                    "line \(lines[row]), column \(name.abbreviated): \(fault ?? "the class is missing")")
            }
            labels.append(Int64(place))
        }
        return (Tensor(labels, shape: [rowCount]), classNames)
    }

    /// Samples to predict numbers by numbers: of each row the values of the other columns `[k]` and of the targets `[t]`.
    ///
    /// - Throws: `DataError` as `hostArray()`, and if there is no such column.
    public func dataset(targets: [String]) throws(DataError) -> TensorDataset<(Tensor, Tensor)> {
        TensorDataset(try dropping(targets).tensor(), try selecting(targets).tensor())
    }

    /// Samples to predict a class by numbers: of each row the values of the other columns `[k]` and its class, an int64
    /// scalar; see `classes(of:classNames:)`.
    ///
    /// - Throws: `DataError` as `hostArray()` and `classes(of:classNames:)`.
    public func dataset(
        classes name: String, classNames: [String]? = nil
    ) throws(DataError) -> TensorDataset<(Tensor, Tensor)> {
        TensorDataset(try dropping([name]).tensor(), try classes(of: name, classNames: classNames).labels)
    }
}
