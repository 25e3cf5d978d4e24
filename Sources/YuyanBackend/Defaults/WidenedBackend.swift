/// How a backend computes with bfloat16 where it has no loops for it: on float32 copies of the operands; results of
/// float32 are rounded. Every primitive is the protocol's default.
struct WidenedBackend: Backend {
    let base: any Backend
    /// In which layout the copy of an operand or result lies.
    let layout: @Sendable (DeviceBuffer) -> Layout

    var device: Device { base.device }

    func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
        base.upload(bytes, shape, dtype)
    }

    func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) { base.download(x, into: bytes) }

    func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) { base.copy(source, into: destination) }

    func throughReference(
        _ operands: [DeviceBuffer?],
        _ body: (_ base: any Backend, _ operands: [DeviceBuffer?]) -> [DeviceBuffer?]
    ) -> [DeviceBuffer?] {
        body(base, operands.map { $0.map(widened) }).map { result in
            guard let result, result.dtype == .float32 else { return result }
            return converted(result, to: .bfloat16)
        }
    }

    func changeThroughReference(
        _ operands: [DeviceBuffer?], count: Int,
        _ body: (_ base: any Backend, _ operands: [DeviceBuffer?]) -> Void
    ) {
        let copies = operands.map { $0.map(widened) }
        body(base, copies)
        for (operand, changed) in zip(operands, copies).prefix(count) {
            if let operand, let changed, operand !== changed { copy(changed, into: operand) }
        }
    }

    // The numbers of channels are few, and what they are averaged to would drift if it were rounded.

    func normalize(
        _ kind: NormalizationKind, _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?,
        given: ChannelStatistics?, epsilon: Double
    ) -> Normalized {
        let found = base.normalize(
            kind, widened(x), scale: scale.map(widened), offset: offset.map(widened),
            given: given.map { ChannelStatistics(mean: widened($0.mean), variance: widened($0.variance)) },
            epsilon: epsilon)
        return Normalized(
            output: converted(found.output, to: .bfloat16), mean: found.mean, variance: found.variance,
            saved: found.saved)
    }

    func normalizeGradient(
        _ kind: NormalizationKind, _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?,
        saved: DeviceBuffer, isOfBatch: Bool, wanted: NormalizationOperands
    ) -> NormalizationGradients {
        let found = base.normalizeGradient(
            kind, widened(gradient), widened(x), scale: scale.map(widened), saved: saved, isOfBatch: isOfBatch,
            wanted: wanted)
        return NormalizationGradients(
            input: found.input.map { converted($0, to: .bfloat16) }, scale: found.scale, offset: found.offset)
    }

    private func widened(_ x: DeviceBuffer) -> DeviceBuffer {
        x.dtype == .bfloat16 ? converted(x, to: .float32) : x
    }

    private func converted(_ x: DeviceBuffer, to dtype: DType) -> DeviceBuffer {
        let result = DeviceBuffer(x.shape, dtype, on: device, layout: layout(x))
        copy(x, into: result)
        return result
    }
}

extension ReferenceBackend {
    /// What computes with bfloat16.
    var widened: WidenedBackend { WidenedBackend(base: self) { _ in .contiguous } }
}
