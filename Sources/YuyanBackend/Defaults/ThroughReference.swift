extension Backend {
    package func throughReference(
        _ operands: [DeviceBuffer?],
        _ body: (_ reference: any Backend, _ operands: [DeviceBuffer?]) -> [DeviceBuffer?]
    ) -> [DeviceBuffer?] {
        if device.hasHostMemory { return body(ReferenceBackend(device: device), operands.map { $0?.strided }) }
        return body(ReferenceBackend(), operands.map { $0.map(onHost) }).map { $0.map(fromHost) }
    }

    /// For one result.
    func throughReference(
        _ operands: [DeviceBuffer?],
        _ body: (_ reference: any Backend, _ operands: [DeviceBuffer?]) -> DeviceBuffer
    ) -> DeviceBuffer {
        throughReference(operands) { [body($0, $1)] }[0]!
    }

    /// For a primitive that checks indices.
    func throughReference(
        _ operands: [DeviceBuffer?],
        checking body: (_ reference: any Backend, _ operands: [DeviceBuffer?]) throws(IndexError) ->
            [DeviceBuffer?]
    ) throws(IndexError) -> [DeviceBuffer?] {
        var wrong: IndexError?
        let results = throughReference(operands) { (reference, operands) -> [DeviceBuffer?] in
            do throws(IndexError) { return try body(reference, operands) } catch {
                wrong = error
                return []
            }
        }
        if let wrong { throw wrong }
        return results
    }

    package func changeThroughReference(
        _ operands: [DeviceBuffer?], count: Int,
        _ body: (_ reference: any Backend, _ operands: [DeviceBuffer?]) -> Void
    ) {
        // What has no strides is changed in a copy, too.
        if device.hasHostMemory && !operands.contains(where: { $0.map { $0.strided !== $0 } ?? false }) {
            body(ReferenceBackend(device: device), operands)
            return
        }
        let copies = operands.map { $0.map(onHost) }
        body(ReferenceBackend(), copies)
        for (operand, changed) in zip(operands, copies).prefix(count) {
            if let operand, let changed { copy(fromHost(changed), into: operand) }
        }
    }

    private func onHost(_ x: DeviceBuffer) -> DeviceBuffer {
        let copy = DeviceBuffer(x.shape, x.dtype, on: .reference)
        download(x, into: copy.hostBytes)
        return copy
    }

    private func fromHost(_ x: DeviceBuffer) -> DeviceBuffer {
        let x = ReferenceBackend().contiguous(x)
        return withExtendedLifetime(x) { upload(UnsafeRawBufferPointer(x.hostBytes), x.shape, x.dtype) }
    }
}

extension DeviceBuffer {
    /// The memory of a contiguous buffer of the host's.
    fileprivate var hostBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: pointer, count: elementCount * dtype.byteCount)
    }
}
