extension Backend {
    /// How a device computes a primitive that it lacks: on the Reference backend, with copies in host memory.
    package func throughReference(
        _ operands: [DeviceBuffer?],
        _ body: (_ reference: ReferenceBackend, _ operands: [DeviceBuffer?]) -> [DeviceBuffer?]
    ) -> [DeviceBuffer?] {
        let reference = ReferenceBackend()
        let onHost = operands.map { operand in
            operand.map { x in
                let copy = DeviceBuffer(x.shape, x.dtype, on: reference.device)
                download(x, into: copy.bytes)
                return copy
            }
        }
        return body(reference, onHost).map { result in
            result.map { x in
                let x = reference.contiguous(x)
                return withExtendedLifetime(x) { upload(UnsafeRawBufferPointer(x.bytes), x.shape, x.dtype) }
            }
        }
    }
}

extension DeviceBuffer {
    /// The memory of a contiguous buffer of the host's.
    fileprivate var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: pointer, count: elementCount * dtype.byteCount)
    }
}
