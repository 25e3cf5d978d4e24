extension Backend {
    package func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) throws(IndexError) -> DeviceBuffer {
        try throughReference(
            [x, indices],
            checking: { (reference, operands) throws(IndexError) in
                [try reference.gather(operands[0]!, axis: axis, indices: operands[1]!)]
            })[0]!
    }

    package func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int) throws(IndexError)
        -> DeviceBuffer
    {
        try throughReference(
            [values, indices],
            checking: { (reference, operands) throws(IndexError) in
                [try reference.scatterAdd(operands[0]!, axis: axis, indices: operands[1]!, size: size)]
            })[0]!
    }

    package func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer)
        throws(IndexError)
    {
        var wrong: IndexError?
        changeThroughReference([destination, values, indices], count: 1) { reference, operands in
            do throws(IndexError) {
                try reference.scatter(operands[1]!, into: operands[0]!, axis: axis, indices: operands[2]!)
            } catch {
                wrong = error
            }
        }
        if let wrong { throw wrong }
    }

    package func oneHot(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
        try throughReference(
            [indices],
            checking: { (reference, operands) throws(IndexError) in
                [try reference.oneHot(operands[0]!, count: count)]
            })[0]!
    }

    package func resolvedIndices(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
        try throughReference(
            [indices],
            checking: { (reference, operands) throws(IndexError) in
                [try reference.resolvedIndices(operands[0]!, count: count)]
            })[0]!
    }

    package func nonzero(_ mask: DeviceBuffer) -> DeviceBuffer { throughReference([mask]) { $0.nonzero($1[0]!) } }
}
