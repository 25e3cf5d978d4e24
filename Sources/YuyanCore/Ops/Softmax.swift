import YuyanBackend

extension OperationFamily {
    package static let softmax = OperationFamily("Softmax", [Op.Softmax.entry, Op.LogSoftmax.entry])
}

extension Op {
    package enum Softmax: UnaryRule {
        package static let name = "softmax"
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func outputShape(_ x: Shape, _ options: Void) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Void) -> DeviceBuffer {
            x.device.backend.softmax(.softmax, x)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            let y = saved.output
            if !g.isRecorded && !y.isRecorded {
                return Tensor(g.backend.softmaxGradient(.softmax, g.buffer, output: y.buffer))
            }
            return y * (g - (g * y).sum(axis: -1, keepDimensions: true))
        }
        package static let entry = OperationEntry(
            name, "yᵢ = exp(xᵢ − max x) / Σ exp(xⱼ − max x) along an axis",
            swift: ["x.softmax(axis: Int) -> Tensor"],
            [
                Sample([.real([3, 5])], torch: "a.softmax(-1)") { $0[0].softmax(axis: -1) },
                Sample([.real([2, 3, 4])], torch: "a.softmax(1)") { $0[0].softmax(axis: 1) },
                Sample([.real([3, 5], -1000...1000)], torch: "a.softmax(-1)") { $0[0].softmax(axis: -1) },
            ])
    }
}

extension Op {
    package enum LogSoftmax: UnaryRule {
        package static let name = "logSoftmax"
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func outputShape(_ x: Shape, _ options: Void) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Void) -> DeviceBuffer {
            x.device.backend.softmax(.logSoftmax, x)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            let y = saved.output
            if !g.isRecorded && !y.isRecorded {
                return Tensor(g.backend.softmaxGradient(.logSoftmax, g.buffer, output: y.buffer))
            }
            return g - y.exp() * g.sum(axis: -1, keepDimensions: true)
        }
        package static let entry = OperationEntry(
            name, "yᵢ = xᵢ − max x − ln Σ exp(xⱼ − max x) along an axis",
            swift: ["x.logSoftmax(axis: Int) -> Tensor"],
            [
                Sample([.real([3, 5])], torch: "a.log_softmax(-1)") { $0[0].logSoftmax(axis: -1) },
                Sample([.real([4, 3])], torch: "a.log_softmax(0)") { $0[0].logSoftmax(axis: 0) },
                Sample([.real([3, 5], -1000...1000)], torch: "a.log_softmax(-1)") { $0[0].logSoftmax(axis: -1) },
            ])
    }
}

extension TensorConvertible {
    /// exp(xᵢ) / Σ exp(xⱼ) along `axis`, with the maximum subtracted first: finite for any finite x; 1 for a scalar.
    public func softmax(axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        alongLast("softmax", axis, file, line) { apply(Op.Softmax.self, $0, (), file, line) }
    }

    /// log(softmax(x)) along `axis`, computed so that it is finite for any finite x; 0 for a scalar.
    public func logSoftmax(axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        alongLast("logSoftmax", axis, file, line) { apply(Op.LogSoftmax.self, $0, (), file, line) }
    }

    private func alongLast(
        _ name: String, _ axis: Int, _ file: StaticString, _ line: UInt, _ body: (Tensor) -> Tensor
    ) -> Tensor {
        let x = tensor.real()
        if x.rank == 0 {
            _ = resolveAxis(name, axis, [1], file, line)
            return body(x.reshaped([1])).reshaped([])
        }
        let axis = resolveAxis(name, axis, x.shape, file, line)
        return axis == x.rank - 1 ? body(x) : body(x.transposed(axis, -1)).transposed(axis, -1)
    }
}
