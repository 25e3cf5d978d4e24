extension Backend {
    package func prepareForQR() throws(MissingLibraryError) {}

    package func qr(_ a: DeviceBuffer) -> (q: DeviceBuffer, r: DeviceBuffer) {
        let results = throughReference([a]) { reference, operands in
            let (q, r) = reference.qr(operands[0]!)
            return [q, r]
        }
        return (results[0]!, results[1]!)
    }

    package func triangularSolve(_ a: DeviceBuffer, _ b: DeviceBuffer, isUpper: Bool, isTransposed: Bool)
        -> DeviceBuffer
    {
        throughReference([a, b]) { reference, operands in
            [reference.triangularSolve(operands[0]!, operands[1]!, isUpper: isUpper, isTransposed: isTransposed)]
        }[0]!
    }
}
