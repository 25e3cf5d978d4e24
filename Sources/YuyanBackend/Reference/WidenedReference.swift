/// How the Reference loops compute with bfloat16: on float32 copies of the operands; results of float32 are rounded.
/// Every primitive is the protocol's default.
struct WidenedReference: Backend {
    let reference: ReferenceBackend

    var device: Device { reference.device }

    func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
        reference.upload(bytes, shape, dtype)
    }

    func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) { reference.download(x, into: bytes) }

    func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) { reference.copy(source, into: destination) }

    func throughReference(
        _ operands: [DeviceBuffer?],
        _ body: (_ reference: ReferenceBackend, _ operands: [DeviceBuffer?]) -> [DeviceBuffer?]
    ) -> [DeviceBuffer?] {
        body(reference, operands.map { $0.map(widened) }).map { result in
            guard let result, result.dtype == .float32 else { return result }
            return reference.cast(result, to: .bfloat16)
        }
    }

    func changeThroughReference(
        _ operands: [DeviceBuffer?], count: Int,
        _ body: (_ reference: ReferenceBackend, _ operands: [DeviceBuffer?]) -> Void
    ) {
        let copies = operands.map { $0.map(widened) }
        body(reference, copies)
        for (operand, changed) in zip(operands, copies).prefix(count) {
            if let operand, let changed, operand !== changed { copy(changed, into: operand) }
        }
    }

    private func widened(_ x: DeviceBuffer) -> DeviceBuffer {
        x.dtype == .bfloat16 ? reference.cast(x, to: .float32) : x
    }
}

extension ReferenceBackend {
    /// What computes with bfloat16.
    var widened: WidenedReference { WidenedReference(reference: self) }
}
